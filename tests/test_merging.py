"""Merging the claims of two tiers: the table of docs/cascade.md, line by line, and what always holds."""

from __future__ import annotations

import random
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.facts import Claim, Facts
from clinie.merging import extent, merge, pair, touches, union, within

TEXT = "Takes aspirin 81 mg daily. Denies chest pain on the left side. Lasix held."
ALL = [(0, len(TEXT))]


def at(words: str, label: str = "drug"):
    start = TEXT.index(words)
    return label, ((start, start + len(words)),)


def said(confidence: float | None, tier: str = "rules", **attributes: str | None) -> Claim:
    return Claim(tier, confidence, (confidence or 0) >= 0.8, attributes, (tier,))


def tagged(confidence: float | None, **attributes: str | None) -> Claim:
    return said(confidence, "tagger", **attributes)


def codes(findings):
    return [(f.code, f.severity, f.item) for f in findings]


def test_a_sure_mention_stands_and_takes_the_higher_confidence():
    pain = at("chest pain", "problem")
    wider = at("chest pain on the left", "problem")
    facts, findings = merge(
        Facts({pain: said(0.85, assertion="absent")}),
        Facts({wider: tagged(0.95, assertion="absent")}),
        ALL,
        TEXT,
    )
    assert facts.mentions == {
        pain: Claim("rules", 0.95, True, {"assertion": "absent"}, ("rules", "tagger"))
    }
    assert codes(findings) == [("tiers_differ", "info", "chest pain on the left")]


def test_an_unsure_mention_yields_to_the_later_tier():
    pain = at("chest pain", "problem")
    wider = at("chest pain on the left", "problem")
    facts, findings = merge(
        Facts({pain: said(0.6, assertion="present")}),
        Facts({wider: tagged(0.55, assertion="absent")}),
        ALL,
        TEXT,
    )
    assert facts.mentions == {
        wider: Claim("tagger", 0.6, False, {"assertion": "absent"}, ("rules", "tagger"))
    }
    assert codes(findings) == [("tiers_differ", "flag", "chest pain (assertion: present)")]


def test_alike_in_all_leaves_no_finding():
    lasix = at("Lasix")
    facts, findings = merge(
        Facts({lasix: said(0.9, status="active")}),
        Facts({lasix: tagged(0.7, status="active")}),
        ALL,
        TEXT,
    )
    assert facts.mentions[lasix].confidence == 0.9
    assert findings == ()


def test_what_only_the_other_says_is_added_unless_they_contradict():
    pain = at("chest pain", "problem")
    kept, _ = merge(
        Facts({pain: said(0.9, assertion="family", relative="mother")}),
        Facts({pain: tagged(0.9, assertion="family", temporality="historical")}),
        ALL,
        TEXT,
    )
    assert kept.mentions[pain].attributes == {
        "temporality": "historical",
        "assertion": "family",
        "relative": "mother",
    }
    kept, _ = merge(
        Facts({pain: said(0.3, assertion="family", relative="mother")}),
        Facts({pain: tagged(0.9, assertion="absent")}),
        ALL,
        TEXT,
    )
    assert kept.mentions[pain].attributes == {"assertion": "absent"}


def test_an_unsure_mention_without_support_is_dropped_with_a_finding():
    facts, findings = merge(Facts({at("left side"): said(0.4)}), Facts(), ALL, TEXT)
    assert facts == Facts()
    (finding,) = findings
    assert codes(findings) == [("unconfirmed", "info", "left side")]
    assert TEXT[finding.start : finding.end] == "left side"


def test_a_sure_mention_needs_no_support_and_new_ones_are_added():
    mine, yours = {at("aspirin"): said(0.9)}, {at("Lasix"): tagged(0.2)}
    facts, findings = merge(Facts(mine), Facts(yours), ALL, TEXT)
    assert facts.mentions == mine | yours
    assert findings == ()


@pytest.mark.parametrize("read", [[], [(0, 30)], [(0, 66), (66, len(TEXT))], [(66, len(TEXT))]])
def test_where_the_later_tier_read_nothing_it_drops_nothing(read):
    mine = {at("Lasix"): said(None)}  # from 63 to 68: in no window as a whole
    assert merge(Facts(mine), Facts(), read, TEXT) == (Facts(mine), ())


def test_another_label_is_another_item():
    mine, yours = {at("aspirin"): said(0.9)}, {at("aspirin", "allergen"): tagged(0.9)}
    facts, findings = merge(Facts(mine), Facts(yours), ALL, TEXT)
    assert facts.mentions == mine | yours
    assert findings == ()


def test_one_sure_mention_absorbs_two_and_one_unsure_mention_yields_to_the_closest():
    whole, first, second = at("aspirin 81 mg daily"), at("aspirin 81 mg"), at("daily")
    yours = {second: tagged(0.9), first: tagged(0.9)}
    facts, findings = merge(Facts({whole: said(0.9)}), Facts(yours), ALL, TEXT)
    assert list(facts.mentions) == [whole]
    assert [f.item for f in findings] == ["aspirin 81 mg", "daily"]
    facts, findings = merge(Facts({whole: said(0.5)}), Facts(yours), ALL, TEXT)
    assert facts.mentions[first].tiers == ("rules", "tagger")
    assert facts.mentions[second].tiers == ("tagger",)
    assert [f.item for f in findings] == ["aspirin 81 mg daily"]


def link(head, label, tail):
    return label, head, tail


ASPIRIN, LASIX = at("aspirin"), at("Lasix")
DOSE, DAILY = at("81 mg", "dosage"), at("daily", "frequency")


def test_links_follow_their_mentions_into_new_bounds():
    longer = at("aspirin 81 mg")
    facts, findings = merge(
        Facts(
            {ASPIRIN: said(0.5), DOSE: said(0.9)},
            {link(ASPIRIN, "dosage", DOSE): said(0.9)},
        ),
        Facts({longer: tagged(0.9)}),
        ALL,
        TEXT,
    )
    assert list(facts.links) == [link(longer, "dosage", DOSE)]
    assert codes(findings) == [("tiers_differ", "info", "aspirin")]


def test_unsure_links_need_support():
    mentions = {ASPIRIN: said(0.9), DOSE: said(0.9), DAILY: said(0.9)}
    links = {link(ASPIRIN, "dosage", DOSE): said(0.5), link(ASPIRIN, "frequency", DAILY): said(0.5)}
    facts, findings = merge(
        Facts(mentions, links),
        Facts(
            {ASPIRIN: tagged(0.9), DOSE: tagged(0.9)},
            {link(ASPIRIN, "dosage", DOSE): tagged(0.7)},
        ),
        ALL,
        TEXT,
    )
    agreed = Claim("tagger", 0.7, False, {}, ("rules", "tagger"))
    assert facts.links == {link(ASPIRIN, "dosage", DOSE): agreed}
    assert codes(findings) == [
        ("unconfirmed", "info", "aspirin: frequency daily"),
        ("orphan_attribute", "flag", "daily"),
    ]
    assert set(facts.mentions) == set(mentions)
    kept, _ = merge(Facts(mentions, links), Facts(), [], TEXT)
    assert kept == Facts(mentions, links)


def test_a_tail_goes_with_its_dropped_head_unless_the_later_tier_claims_it():
    mine = Facts(
        {ASPIRIN: said(0.5), DOSE: said(0.9), DAILY: said(0.9)},
        {link(ASPIRIN, "dosage", DOSE): said(0.9), link(ASPIRIN, "frequency", DAILY): said(0.9)},
    )
    facts, findings = merge(mine, Facts({DAILY: tagged(0.9)}), ALL, TEXT)
    assert list(facts.mentions) == [DAILY]
    assert facts.links == {}
    assert codes(findings) == [
        ("unconfirmed", "info", "aspirin"),
        ("orphan_attribute", "reject", "81 mg"),
        ("orphan_attribute", "flag", "daily"),
    ]


def test_a_tail_that_found_another_head_is_no_orphan():
    facts, findings = merge(
        Facts({ASPIRIN: said(0.5), DAILY: said(0.9)}, {link(ASPIRIN, "when", DAILY): said(0.9)}),
        Facts({LASIX: tagged(0.9), DAILY: tagged(0.9)}, {link(LASIX, "when", DAILY): tagged(0.9)}),
        ALL,
        TEXT,
    )
    assert list(facts.links) == [link(LASIX, "when", DAILY)]
    assert codes(findings) == [("unconfirmed", "info", "aspirin")]


def test_two_ends_that_become_one_mention_are_no_link():
    side, pain = at("left side"), at("chest pain")
    whole = at("chest pain on the left side")
    facts, _ = merge(
        Facts({side: said(0.1), pain: said(0.1)}, {link(pain, "site", side): said(0.9)}),
        Facts({whole: tagged(0.9)}),
        ALL,
        TEXT,
    )
    assert (list(facts.mentions), facts.links) == ([whole], {})


NONE_KNOWN = ("no_known_allergies", "true", None)


def test_statements():
    sure, unsure, other = said(0.9), said(0.2), tagged(0.6)
    for mine, read, kept in [(sure, ALL, True), (unsure, ALL, False), (unsure, [(0, 20)], True)]:
        facts, findings = merge(Facts({}, {}, {NONE_KNOWN: mine}), Facts(), read, TEXT)
        assert bool(facts.statements) is kept
        told = [] if kept else [("unconfirmed", "info", "no_known_allergies: true")]
        assert codes(findings) == told
    facts, _ = merge(
        Facts({}, {}, {NONE_KNOWN: unsure}), Facts({}, {}, {NONE_KNOWN: other}), ALL, TEXT
    )
    assert facts.statements == {NONE_KNOWN: Claim("tagger", 0.6, False, {}, ("rules", "tagger"))}
    facts, _ = merge(Facts(), Facts({}, {}, {NONE_KNOWN: other}), ALL, TEXT)
    assert facts.statements == {NONE_KNOWN: other}


def test_statements_that_name_one_mention_are_one():
    longer = at("aspirin 81 mg")
    mine = Facts({ASPIRIN: said(0.9)}, {}, {("arm", "aspirin", ASPIRIN): said(0.9)})
    yours = Facts({longer: tagged(0.7)}, {}, {("arm", "aspirin 81 mg", longer): tagged(0.7)})
    facts, findings = merge(mine, yours, ALL, TEXT)
    assert list(facts.statements) == [("arm", "aspirin", ASPIRIN)]
    assert [f.item for f in findings] == ["aspirin 81 mg", "arm: aspirin 81 mg"]
    facts, findings = merge(yours, mine, ALL, TEXT)
    assert list(facts.statements) == [("arm", "aspirin", ASPIRIN)]
    again = Facts({LASIX: tagged(0.9)}, {}, {("arm", "Aspirin", LASIX): tagged(0.9)})
    facts, _ = merge(mine, again, ALL, TEXT)
    assert list(facts.statements) == [("arm", "aspirin", ASPIRIN)]


def test_places():
    assert extent(((5, 7), (1, 3))) == (1, 7)
    assert union([(5, 7), (0, 2), (2, 4), (6, 6)]) == [(0, 4), (5, 7)]
    assert [within(s, [(0, 4), (5, 7)]) for s in [(0, 4), (1, 2), (3, 5), (5, 7), (8, 9)]] == [
        True, True, False, True, False,
    ]  # fmt: skip
    assert [touches(s, [(2, 4), (6, 8)]) for s in [(0, 2), (0, 3), (4, 6), (7, 9), (8, 9)]] == [
        False, True, False, True, False,
    ]  # fmt: skip
    assert not within((0, 1), [])
    assert not touches((0, 1), [])


def test_pairs_are_the_same_place_else_the_closest_else_the_first():
    a, b, c = ("x", ((0, 10),)), ("x", ((5, 15),)), ("x", ((100, 300),))
    assert pair([a, b, c], [("x", ((5, 15),))]) == {b: b}
    assert pair([b, a], [("x", ((4, 11),))]) == {("x", ((4, 11),)): a}
    assert pair([c], [("x", ((290, 301),)), ("y", ((100, 300),)), ("x", ((300, 301),))]) == {
        ("x", ((290, 301),)): c
    }
    assert pair([("x", ((0, 2), (8, 9)))], [("x", ((2, 8),))]) == {}


LENGTH = 300
CONFIDENCES = [None, 0.0, 0.3, 0.8, 1.0]


def sheet(chance: random.Random, tier: str) -> Facts:
    """Return claims at random places: crowded, so that they overlap."""

    def mention():
        starts = [chance.randrange(LENGTH - 40) for _ in range(chance.choice([1, 1, 2]))]
        return chance.choice("ab"), tuple(union((n, n + chance.randint(1, 40)) for n in starts))

    def claim(**attributes):
        return said(chance.choice(CONFIDENCES), tier, **attributes)

    facts = Facts({mention(): claim(m=chance.choice([None, "1", "2"])) for _ in range(8)})
    known = sorted(facts.mentions)
    for _ in range(6):
        head, tail = chance.sample(known, 2)
        facts.links[link(head, chance.choice("rs"), tail)] = claim()
    for _ in range(3):
        named = chance.choice([None, *known])
        # As the resolvers make them: a statement is as sure as the mention that it names.
        sure = facts.mentions[named].confidence if named else chance.choice(CONFIDENCES)
        facts.statements[chance.choice("pq"), chance.choice("vV"), named] = said(sure, tier)
    return facts


chances = st.integers(0, 2**32).map(random.Random)
pairs = chances.map(lambda chance: (sheet(chance, "rules"), sheet(chance, "tagger")))
windows = st.sampled_from([[], [(0, LENGTH)], [(0, 150), (150, LENGTH)], [(100, 200)]])


@given(pairs, windows)
def test_nothing_gets_lost_and_nothing_hangs_in_the_air(both, read):
    mine, yours = both
    text = "x" * LENGTH
    before = deepcopy((mine, yours))
    facts, findings = merge(mine, yours, read, text)
    assert (mine, yours) == before
    for _, head, tail in facts.links:
        assert {head, tail} <= set(facts.mentions)
        assert head != tail
    assert {named for _, _, named in facts.statements if named} <= set(facts.mentions)
    told = {(f.start, f.end) for f in findings}
    for key in [*mine.mentions, *yours.mentions]:
        assert key in facts.mentions or extent(key[1]) in told
    orphans = {(f.start, f.end) for f in findings if f.code == "orphan_attribute"}
    for key, claim in mine.mentions.items():
        if claim.sure and extent(key[1]) not in orphans:
            assert facts.mentions[key].tier == "rules"
            assert claim.attributes.items() <= facts.mentions[key].attributes.items()
    for key, claim in facts.mentions.items():
        best = max((s.mentions[key].confidence or 0) for s in (mine, yours) if key in s.mentions)
        assert (claim.confidence or 0) >= best
    for name, _, named in mine.statements:
        assert any(k[0] == name for k in facts.statements) or any(
            f.item and f.item.startswith(f"{name}: ") for f in findings
        ), named


@given(pairs, windows, chances)
def test_the_order_of_claims_does_not_matter(both, read, chance):
    mine, yours = both

    def shuffled(table):
        entries = list(table.items())
        chance.shuffle(entries)
        return dict(entries)

    one, _ = merge(mine, yours, read, "x" * LENGTH)
    other, _ = merge(
        Facts(shuffled(mine.mentions), shuffled(mine.links), mine.statements),
        Facts(shuffled(yours.mentions), shuffled(yours.links), yours.statements),
        read,
        "x" * LENGTH,
    )
    assert one.mentions == other.mentions
    assert one.links == other.links


@given(pairs, windows)
def test_one_tier_alone_changes_nothing(both, read):
    mine, _ = both
    text = "x" * LENGTH
    assert merge(mine, Facts(), [], text) == (mine, ())
    assert merge(Facts(), mine, read, text) == (mine, ())
    agreed, findings = merge(mine, mine, read, text)
    assert agreed == mine
    assert findings == ()
