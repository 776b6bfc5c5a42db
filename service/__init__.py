"""The REST service for hospitals: reserved room, nothing lives here yet."""
