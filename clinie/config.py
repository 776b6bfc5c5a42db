"""``clinie.toml``: which tiers answer, in which order, at which price."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from clinie.errors import ConfigError

__all__ = ["Config", "DeferralConfig", "Prices", "TierConfig", "load"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Prices(_Strict):
    """Price per million tokens, in one currency of the user's choice."""

    input: float = Field(default=0.0, ge=0)
    output: float = Field(default=0.0, ge=0)


class TierConfig(_Strict):
    """One tier: a name and a model (``kind`` and the model's own settings)."""

    name: str = Field(min_length=1)
    model: dict[str, Any]
    prices: Prices = Prices()
    phi_allowed: bool = False

    @field_validator("model")
    @classmethod
    def _has_kind(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(value.get("kind"), str):
            raise ValueError('a model needs a kind, such as { kind = "rules" }')
        return value


class DeferralConfig(_Strict):
    """How much error is tolerated among answers accepted without a person."""

    max_error: float | None = Field(default=None, gt=0, lt=1)


class Config(_Strict):
    """The effective configuration of a run.

    Parameters
    ----------
    tiers : tuple of TierConfig
        In order. Exactly one, for now: escalation needs a rejector.
    deferral : DeferralConfig
    tasks : dict
        Settings of tasks that have some, by their names without a version.
    """

    tiers: tuple[TierConfig, ...] = Field(
        default=(TierConfig(name="local", model={"kind": "rules"}, phi_allowed=True),),
        min_length=1,
        max_length=1,
    )
    deferral: DeferralConfig = DeferralConfig()
    tasks: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @property
    def hash(self) -> str:
        """SHA-256 of the configuration in canonical JSON; the same for the same meaning."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()


def load(path: str | Path | None = None) -> Config:
    """Read a configuration file; without one, the local rules answer.

    Raises
    ------
    ConfigError
        One line naming the file, the key and what is wrong with it.
    """
    if path is None:
        return Config()
    try:
        return Config.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror}", mend="name a clinie.toml that you may read"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: not valid TOML: {error}", mend="mend it there; docs/cli.md shows an example"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        key = _place(first["loc"])
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
        raise ConfigError(f"{path}: {key}: {what}", mend="see docs/cli.md") from None


def _place(keys: tuple[int | str, ...]) -> str:
    """Return where an error stands, as a person counts: ``tier 1: prices.input``."""
    match keys:
        case ("tiers", int(number), *rest):
            return ": ".join(filter(None, (f"tier {number + 1}", _place(tuple(rest)))))
        case _:
            return ".".join(map(str, keys))
