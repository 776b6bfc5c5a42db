"""``clinie.toml``: which tiers answer, in which order, at which price."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from clinie.coding import digest
from clinie.errors import ConfigError

__all__ = [
    "CodingConfig",
    "Config",
    "DeferralConfig",
    "Prices",
    "Reads",
    "TierConfig",
    "load",
]


_Settings = dict[str, dict[str, Any]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Prices(_Strict):
    """Price per million tokens, in one currency of the user's choice."""

    input: float = Field(default=0.0, ge=0)
    output: float = Field(default=0.0, ge=0)


Reads = Literal["unsure", "always"]
"""Which windows a later tier reads: those in which something is unsure, or all."""

Probability = Annotated[float, Field(ge=0, le=1)]


class TierConfig(_Strict):
    """One tier: a name and a model (``kind`` and the model's own settings).

    Parameters
    ----------
    name : str
    model : dict
    prices : Prices
    phi_allowed : bool
        Whether notes may go there.
    sure : float
        Confidence from which on no later tier need look at an item.
    sure_for : dict
        Other levels for some tasks, by their names.
    reads : {"unsure", "always"}
        For a later tier: read the windows in which something is unsure, or all.
    """

    name: str = Field(min_length=1)
    model: dict[str, Any]
    prices: Prices = Prices()
    phi_allowed: bool = False
    sure: Probability = 0.8
    sure_for: dict[str, Probability] = Field(default_factory=dict)
    reads: Reads = "unsure"

    @field_validator("model")
    @classmethod
    def _has_kind(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(value.get("kind"), str):
            raise ValueError('a model needs a kind, such as { kind = "rules" }')
        return value


class DeferralConfig(_Strict):
    """How much error is tolerated among answers accepted without a person."""

    max_error: float | None = Field(default=None, gt=0, lt=1)


class CodingConfig(_Strict):
    """Whose codes stand on spans: terminology files, and what to keep of Athena exports."""

    terminologies: tuple[Path, ...] = ()
    vocabularies: tuple[str, ...] = ()

    def seen_from(self, folder: Path) -> Self:
        """Return it with its relative paths below a folder."""
        return self.model_copy(
            update={"terminologies": tuple(folder / p for p in self.terminologies)}
        )

    def with_terminologies(self, paths: Sequence[Path]) -> Self:
        """Return it with more files, after those that are there."""
        return self.model_copy(update={"terminologies": (*self.terminologies, *paths)})

    @property
    def content(self) -> dict[str, Any]:
        """What the codes depend on: the files' SHA-256, wherever they are, and the vocabularies.

        Raises
        ------
        InputError
            When a file is not there.
        """
        return {
            "terminologies": [digest(path) for path in self.terminologies],
            "vocabularies": sorted(set(self.vocabularies)),
        }


class Config(_Strict):
    """The effective configuration of a run.

    Parameters
    ----------
    tiers : tuple of TierConfig
        In order, one or more, each with a name of its own.
    deferral : DeferralConfig
    tasks : dict
        Settings of tasks that have some, by their names without a version. In a file, a setting
        that names a file is seen from the folder of the configuration.
    coding : CodingConfig
    """

    tiers: tuple[TierConfig, ...] = Field(
        default=(TierConfig(name="local", model={"kind": "rules"}, phi_allowed=True),),
        min_length=1,
    )
    deferral: DeferralConfig = DeferralConfig()
    tasks: _Settings = Field(default_factory=dict)
    coding: CodingConfig = CodingConfig()

    @field_validator("tiers")
    @classmethod
    def _have_names(cls, value: tuple[TierConfig, ...]) -> tuple[TierConfig, ...]:
        names = [tier.name for tier in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two tiers are named {name!r}")
        return value

    @property
    def hash(self) -> str:
        """SHA-256 of the configuration in canonical JSON; the same for the same meaning.

        Of the files that it names it holds the content, not the place.
        """
        settings = self.model_dump(mode="json") | {
            "coding": self.coding.content,
            "tasks": _with_files(self.tasks, digest),
        }
        canonical = json.dumps(settings, sort_keys=True)
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
        config = Config.model_validate(tomllib.loads(Path(path).read_text(encoding="utf-8")))
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
    folder = Path(path).parent
    own = {
        "coding": config.coding.seen_from(folder),
        "tasks": _with_files(config.tasks, str, folder),
    }
    return config.model_copy(update=own)


def _with_files(
    tasks: _Settings, change: Callable[[Path], Any], folder: Path = Path()
) -> _Settings:
    """Return the settings of tasks with those changed that name a file in the folder."""

    def changed(value: Any) -> Any:
        is_file = isinstance(value, str) and value and (folder / value).is_file()
        return change(folder / value) if is_file else value

    return {task: {key: changed(v) for key, v in own.items()} for task, own in tasks.items()}


def _place(keys: tuple[int | str, ...]) -> str:
    """Return where an error stands, as a person counts: ``tier 1: prices.input``."""
    match keys:
        case ("tiers", int(number), *rest):
            return ": ".join(filter(None, (f"tier {number + 1}", _place(tuple(rest)))))
        case _:
            return ".".join(map(str, keys))
