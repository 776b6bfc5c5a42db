"""Whether a drug is taken: active, discontinued or neither."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clinie.tasks.medications.mentions import Mention

__all__ = ["StatusReader"]


def _words(*patterns: str) -> str:
    return "|".join(patterns)


_STOPPED = _words(
    r"stop(?:s|ped|ping)?", r"discontinu(?:e[sd]?|ing|ation of)", r"d/c(?:'?d|ed)?", r"dc'?d", r"hold(?:ing)?",
    r"held", r"ceas(?:e[sd]?|ing)", r"weaned off(?: of)?", r"taper(?:ed)? off(?: of)?", r"taken off(?: of)?",
    r"came off(?: of)?", r"come off(?: of)?", r"withdr(?:ew|awn|awal of)", r"off(?: of)?",
    r"no longer (?:on|takes?|taking|us(?:es|ing)|needs|requires)", r"complet(?:ed|ing)", r"finished",
    r"ran out of", r"previously (?:on|took|taking|tried|treated with)", r"was (?:previously )?on",
    r"had been (?:on|taking)", r"had (?:previously )?taken", r"formerly on", r"used to take", r"failed",
    r"(?:has |have )?tried", r"trial of", r"switch(?:ed|ing)?(?: \w+)? from",
    r"(?:chang|transition|convert|rotat)\w*(?: \w+)? from", r"replac(?:e[sd]?|ing)", r"instead of", r"quit",
    r"in place of", r"did not (?:tolerate|respond to|improve (?:with|on))", r"last (?:dose of|took)",
    r"stop taking", r"initially", r"(?:previous(?:ly)?|past|former|stopped|discontinued|held)(?: \w+){0,2}:",
    r"self-discontinued", r"omit(?:ted)?", r"suspend(?:ed)?",
)  # fmt: skip
_ACTIVE = _words(
    r"start(?:s|ed|ing)?", r"restart(?:ed|ing)?", r"resum(?:e[sd]?|ing)", r"continu(?:e[sd]?|ing)(?: on| with| to take| taking)?",
    r"increas(?:e[sd]?|ing)", r"decreas(?:e[sd]?|ing)", r"reduc(?:e[sd]?|ing)", r"initiat(?:e[sd]?|ing)", r"add(?:ed|ing)?",
    r"begin|began|begun", r"tak(?:e|es|ing|en)", r"took", r"prescrib\w+", r"giv(?:e|en|ing)", r"gave",
    r"receiv\w+", r"(?:is|are|remains?|maintained|currently|presently|now|kept|placed|put|back|stays?) on",
    r"(?<!the )use[sd]?|using", r"switch(?:ed|ing)?(?: \w+)? to", r"(?:chang|transition|convert)\w*(?: \w+)? to",
    r"(?:while|whilst) on", r"treat(?:ed|ing)? with", r"administer\w*", r"order(?:ed)?", r"recommend(?:ed)?", r"refill(?:ed)?",
    r"discharged on", r"titrat\w+", r"home dose", r"utiliz(?:e[sd]?|ing)", r"stable on", r"via",
)  # fmt: skip
_NEITHER = _words(
    r"allerg(?:y|ies|ic)(?: (?:reaction )?to)?:?", r"intoleran(?:t|ce|ces)(?: (?:of|to))?:?", r"avoid(?:s|ed|ing|ance of)?", r"no", r"not (?:on|taking|using|given|started|receiving|take|use|require|need|currently on|currently taking|tak(?:en|e) any)",
    r"(?:does|do|did|has|have|had|is|was) ?n[o']t (?:\w+ ){0,2}(?:take|taking|taken|use|used|start|started|receive|received|given|need|want|on|require|been on)",
    r"denies(?: (?:taking|using|use of|any))*", r"never (?:\w+ )?(?:took|taken|on|used|started|tried|had|been on)",
    r"declin(?:e[sd]?|ing)", r"refus(?:e[sd]?|ing)", r"consider(?:ed|ing|ation of)?", r"discuss(?:ed|ing)?(?: \w+){0,3}",
    r"may (?:benefit from|need|require)", r"might (?:\w+ )?(?:benefit from|need|require|try|start)",
    r"could (?:\w+ )?(?:benefit from|need|require|try|start|use|add|consider)", r"would (?:\w+ )?(?:benefit from|need|require|try|start|add|like)",
    r"recommend(?:ed)? against", r"contraindicat\w*", r"without", r"hold off on", r"defer(?:red|ring)?",
    r"candidate for", r"options? (?:include|such as|of|are)", r"(?:risks?|benefits?|side effects?|adverse effects?) of",
    r"unable to (?:take|tolerate)", r"cannot take", r"can't take", r"if (?:\w+ ){1,8}(?:start|add|consider|try|then)",
    r"reaction to", r"hypersensitiv\w+ to", r"anaphylaxis to", r"counsel(?:l?ed) (?:on|about)", r"resistant to", r"sensitive to",
    r"refrain from", r"negative for", r"neither", r"to try", r"(?:think|thought|thinking) (?:about|of)",
    r"appl(?:y|ied|ying) for", r"rather than", r"(?:suitable|eligible|unsuitable|fit) for", r"if so,?(?: \w+){0,2}",
    r"if (?:that|this|it|he|she|they|not|pain|symptoms)\b[^,.;]{0,40}, ?(?:\w+ ){0,3}(?:start|give|try|use|add|take)?",
    r"open to", r"interested in", r"asked (?:about|for)", r"offer(?:ed)?", r"history of (?:\w+ )?(?:abuse|misuse) of",
)  # fmt: skip
_BEFORE = re.compile(
    rf"\b(?:(?P<neither>{_NEITHER})|(?P<discontinued>{_STOPPED})|(?P<active>{_ACTIVE}))(?!\w)",
    re.IGNORECASE,
)
_STOPPED_AFTER = re.compile(
    r"\b(?:switched|changed|narrowed|converted|transitioned|escalated|rotated) (?:\w+ ){0,2}to\s*(?:\w+\s*){0,2}$|"
    r"\boff\b(?! (?:of|by)\b)|\b(?:came|crossed|taken|removed) off\b|no longer (?:needed|required|taken)|removed from|"
    r"\b(?:(?<!then )stop(?! (?:if|when|\d))|(?<!to be )stopped|discontinued|d/c(?:'?d|ed)?|dc'?d|held|hold|on hold|withdrawn|ceased|weaned(?: off)?|"
    r"tapered off|completed|finished|has run out|ran out|without (?:relief|improvement|benefit|effect)|"
    r"ineffective|failed|in the past|previously|years? ago|months? ago|"
    r"(?:was|were|been) (?:replaced|substituted)|replaced (?:by|with)|last time)\b",
    re.IGNORECASE,
)
_NEITHER_AFTER = re.compile(
    r"^[- ](?:allerg(?:y|ic|ies)|intolerance|intolerant|hypersensitivity|anaphylaxis|refused|declined)\b|"
    r"^\s*if\b|\b(?:would be|not suitable|unsuitable|not an option|too late|none given|to be avoided|"
    r"must not be|not be used|offered)\b|"
    r"\b(?:(?:was|were|is|are) )?(?:refused|declined|contraindicated|not (?:given|started|taken|used|tolerated|"
    r"indicated|recommended|needed|required|available)|considered|discussed|deferred|avoided|"
    r"(?:can|may|could|might) be (?:considered|tried|added|started|used))\b|"
    r"[-:–(] ?(?:rash|hives|anaphylaxis|urticaria|itching|swelling|nausea|gi upset)\b",
    re.IGNORECASE,
)
_ACTIVE_AFTER = re.compile(
    r"\b(?:started|restarted|resumed|continued|given|increased|decreased|added|initiated|prescribed|"
    r"administered|refilled|adjusted|titrated|reduced)\b",
    re.IGNORECASE,
)
_INDUCED = re.compile(r"[- ](?:induced|associated|related)\b", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?:mother|father|brother|sister|son|daughter|wife|husband|aunt|uncle|grandmother|"
    r"grandfather|cousin|parents?|mom|dad)(?:'s)?\b[^.;,]{0,30}$",
    re.IGNORECASE,
)
_CUT = re.compile(r"[;.,)]|\b(?:but|however|although|then)\b", re.IGNORECASE)
_AND = re.compile(r"\b(?:and|or)\b|&", re.IGNORECASE)
_REMARK = re.compile(r"\s*\([^)]{0,60}\)")
_LIST_GAP = re.compile(
    r"(?:[\s,/&+-]|\([^)]{0,40}\)|and\b|or\b|plus\b|as well as\b|(?:tablets?|capsules?)\b)*",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[;.](?:\s|$)|\b(?:but|while)\b|\b(?:and|then)\b(?! (?:was |were |is |has been |then )?(?:stopped|"
    r"discontinued|held|weaned|completed|resumed|restarted|continued|increased))",
    re.IGNORECASE,
)
_DEFAULTS = {"allergies": "neither", "family_history": "neither"}


class StatusReader:
    """Read the status of each mention from its clause, with the section as the default.

    Parameters
    ----------
    text : str
    mentions : sequence of Mention
        In text order.
    spans : mapping-like pairs of (start, end)
        The attached sig parts; they do not separate a drug from its verb.
    """

    def __init__(
        self, text: str, mentions: Sequence[Mention], spans: Sequence[tuple[int, int]]
    ) -> None:
        self._text = text
        masked = list(text)
        for start, end in spans:
            masked[start:end] = " " * (end - start)
        self._masked = "".join(masked)
        self._mentions = mentions

    def read(
        self, index: int, sentence: tuple[int, int], section: str, *, dosed: bool = False
    ) -> tuple[str, float]:
        """Return the status of mention number `index` and an ordinal confidence.

        Under "Allergies" and "Family history" a drug is taken by nobody here, unless it is `dosed`:
        then the list of the section before goes on.
        """
        mention = self._mentions[index]
        default = None if dosed else _DEFAULTS.get(section)
        if _INDUCED.match(self._text, mention.end):
            return "neither", 0.6
        if _RELATIVE.search(self._text, sentence[0], mention.start):
            return "neither", 0.7
        after = self._after(index, sentence[1])
        if after:
            return after, 0.9
        before = self._before(index, sentence[0])
        if default:
            return default, 0.9
        if before:
            return before, 0.9
        return "active", 0.8

    def _after(self, index: int, end: int) -> str | None:
        """Read a word of stopping, starting or refusing that follows the drug or its list."""
        mention = self._mentions[index]
        own = _REMARK.match(self._masked, mention.end, end)
        if own:
            status = _status_after(own.group())
            if status:
                return status
        last = index
        while last + 1 < len(self._mentions) and self._mentions[last + 1].start < end:
            if not self._same_list(last, last + 1) or not self._joined(last, last + 1):
                break
            last += 1
        start = self._mentions[last].end
        remark = _REMARK.match(self._masked, start, end)
        if remark:
            start = remark.end()
        stop = end if last + 1 == len(self._mentions) else min(end, self._mentions[last + 1].start)
        window = self._masked[start : min(stop, start + 160)]
        cut = _CLAUSE_END.search(window)
        return _status_after(window[: cut.start()] if cut else window)

    def _before(self, index: int, start: int) -> str | None:
        """Read the nearest cue that governs the drug: nothing may cut it off."""
        first = index
        while first > 0 and self._mentions[first - 1].end > start:
            if not self._same_list(first - 1, first):
                break
            first -= 1
        at = self._mentions[first].start
        floor = start if first == 0 else max(start, self._mentions[first - 1].end)
        status = None
        for cue in reversed(list(_BEFORE.finditer(self._masked, floor, at))):
            gap = self._masked[cue.end() : at]
            if _CUT.search(gap) or re.match(r"\s*(?:and|or)\b", gap):
                break
            if len(gap.split()) > (6 if status is None else 3):
                break
            status = cue.lastgroup
            if status != "active":  # "does not want to start": the outer verb decides
                break
            at = cue.start()
        return status

    def _same_list(self, left: int, right: int) -> bool:
        """Tell whether two mentions are neighbours in one list, sigs between them apart."""
        gap = self._masked[self._mentions[left].end : self._mentions[right].start]
        return bool(_LIST_GAP.fullmatch(gap))


    def _joined(self, left: int, right: int) -> bool:
        """Tell whether a list is one for a verb that follows it: no sigs in it, or an "and"."""
        gap = slice(self._mentions[left].end, self._mentions[right].start)
        return bool(_LIST_GAP.fullmatch(self._text[gap]) or _AND.search(self._masked[gap]))


def _status_after(window: str) -> str | None:
    for status, pattern in (
        ("neither", _NEITHER_AFTER),
        ("discontinued", _STOPPED_AFTER),
        ("active", _ACTIVE_AFTER),
    ):
        if pattern.search(window):
            return status
    return None
