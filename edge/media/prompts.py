"""The prompts as samples: decoded when first asked for, kept in a bounded cache, each exactly as loud as the others.

`company-greeting` is virtual: the file uploaded by the company (its name stands in the settings, the folder is given
here), else the shipped `greeting`. A greeting that cannot be read is logged once and falls back too: a caller must
never meet silence because of a file.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

from edge.media.catalogue import COMPANY_GREETING, PROMPTS_DIR, load_catalogue
from edge.media.errors import PromptMissingError
from edge.media.tones import Samples
from hal.interfaces import SAMPLE_RATE_HZ

_LOG = logging.getLogger(__name__)

_CACHE_SAMPLES = 2 * 1024 * 1024
"""4 MB: both languages whole, and a company's greeting of a minute."""
_FALLBACK = "greeting"


class PromptLibrary:
    """Prompts of one box. `samples` is cheap after the first time (a few ms of decoding then; see `warm`)."""

    def __init__(self, greetings_dir: Path | None = None, prompts_dir: Path = PROMPTS_DIR) -> None:
        self._greetings_dir = greetings_dir
        self._prompts_dir = prompts_dir
        self._files = {(prompt.id, prompt.language): prompt.file for prompt in load_catalogue()}
        self._cache: OrderedDict[Path, Samples] = OrderedDict()
        self._greeting: Samples | None = None

    @property
    def ids(self) -> frozenset[str]:
        """Everything that can be asked for, the virtual one included."""
        return frozenset(prompt_id for prompt_id, _ in self._files) | {COMPANY_GREETING}

    def use_greeting(self, file_name: str | None) -> bool:
        """The greeting of the company from now on; None: the shipped one. False: it cannot be used (logged).

        Reads the file; a FLAC of a minute takes a few ms.
        """
        greeting = None
        if file_name is not None and self._greetings_dir is not None:
            # The name alone: a setting must not reach outside the folder.
            path = self._greetings_dir / Path(file_name).name
            try:
                greeting = _decode(path)
            except (OSError, ValueError, soundfile.LibsndfileError) as error:
                _LOG.warning("greeting %s cannot be played (%s): callers hear the default one", path, error)
        self._greeting = greeting
        return (greeting is None) == (file_name is None)

    def samples(self, prompt_id: str, language: str) -> Samples:
        """What is to be played: int16, mono, 8 kHz, read-only. Raises `PromptMissingError`."""
        if prompt_id == COMPANY_GREETING:
            if self._greeting is not None:
                return self._greeting
            prompt_id = _FALLBACK
        file = self._files.get((prompt_id, language))
        if file is None:
            raise PromptMissingError(f"no prompt {prompt_id!r} in language {language!r}: see prompts/catalogue.toml")
        return self._cached(self._prompts_dir / file)

    def pieces(self, prompt_ids: Iterable[str], language: str) -> list[Samples]:
        """Several prompts in order. Raises `PromptMissingError`."""
        return [self.samples(prompt_id, language) for prompt_id in prompt_ids]

    def warm(self, language: str) -> None:
        """Decodes a whole language ahead (some 50 ms), so that no call waits for it."""
        for prompt_id, has_language in self._files:
            if has_language == language:
                self.samples(prompt_id, language)

    def _cached(self, path: Path) -> Samples:
        samples = self._cache.get(path)
        if samples is not None:
            self._cache.move_to_end(path)
            return samples
        try:
            samples = _decode(path)
        except (OSError, ValueError, soundfile.LibsndfileError) as error:
            raise PromptMissingError(f"prompt audio {path} cannot be read ({error}): run `make prompts`") from error
        self._cache[path] = samples
        while sum(map(len, self._cache.values())) > _CACHE_SAMPLES and len(self._cache) > 1:
            self._cache.popitem(last=False)
        return samples


def _decode(path: Path) -> Samples:
    samples, rate_hz = soundfile.read(path, dtype="int16")
    if rate_hz != SAMPLE_RATE_HZ or samples.ndim != 1:
        raise ValueError(f"{path.name} is {rate_hz} Hz, {samples.ndim} dimensions: 8 kHz mono is needed")
    mono: Samples = np.ascontiguousarray(samples)
    mono.flags.writeable = False
    return mono
