"""Steps that only some tasks need; those that every task takes stand one floor up."""
