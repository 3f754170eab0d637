"""The catalogue of prompts as a value: id → what is said, by language; and where the shipped audio lies."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

PROMPTS_DIR = Path(__file__).with_name("prompts")
CATALOGUE_PATH = PROMPTS_DIR / "catalogue.toml"
MANIFEST_PATH = PROMPTS_DIR / "manifest.json"
LANGUAGES = ("vi", "en")
COMPANY_GREETING = "company-greeting"
"""No entry of the catalogue: the uploaded greeting, or `greeting` where there is none."""


@dataclass(frozen=True, slots=True)
class Prompt:
    id: str
    language: str
    text: str

    @property
    def file(self) -> str:
        """Path of the audio below the prompts folder."""
        return f"{self.language}/{self.id}.opus"


def load_catalogue(path: Path = CATALOGUE_PATH) -> tuple[Prompt, ...]:
    """Every prompt in every language it has, in the order of the file. Raises `ValueError` on a malformed entry."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    prompts = []
    for prompt_id, texts in document.items():
        if not (isinstance(texts, dict) and texts):
            raise ValueError(f"{path.name}: [{prompt_id}] needs a text in one of {', '.join(LANGUAGES)}")
        for language, text in texts.items():
            if language not in LANGUAGES or not isinstance(text, str) or not text.strip():
                raise ValueError(f"{path.name}: [{prompt_id}] {language}: a text in vi or en is needed")
            prompts.append(Prompt(prompt_id, language, text))
    return tuple(prompts)
