"""The price table: what ships, what comes before it, and what a call costs at most."""

import random
import tomllib
from pathlib import Path

import pytest

from harness.errors import AgentError
from harness.llm import Price, PriceTable, price_of
from harness.llm.capabilities import CapabilityTable
from harness.models import Usage
from harness.suite import content_root

PRICE = Price(input=10, cached_input=1, cache_write=12.5, output=100, dated="2026-01-01")


def test_every_token_is_counted_once():
    usage = Usage(input_uncached=1000, input_cached=2000, input_cache_write=3000, output=400, reasoning=399)
    assert PRICE.cost_usd(usage) == pytest.approx((1000 * 10 + 2000 * 1 + 3000 * 12.5 + 400 * 100) / 1e6)


def test_the_bound_holds_for_whatever_split():
    long = PRICE.model_copy(update={"long_prompt": 500, "long_input_factor": 2.0, "long_output_factor": 1.5})
    chance = random.Random(7)
    for price in (PRICE, long):
        for _ in range(500):
            parts = [chance.randrange(400) for _ in range(3)]
            usage = Usage(
                input_uncached=parts[0], input_cached=parts[1], input_cache_write=parts[2], output=chance.randrange(900)
            )
            assert price.cost_usd(usage) <= price.bound_usd(sum(parts), 900) + 1e-12


def test_a_long_prompt_makes_the_whole_request_dearer():
    long = PRICE.model_copy(update={"long_prompt": 500, "long_input_factor": 2.0, "long_output_factor": 1.5})
    assert long.cost_usd(Usage(input_uncached=500, output=10)) == PRICE.cost_usd(Usage(input_uncached=500, output=10))
    expected = (2 * 501 * 10 + 1.5 * 10 * 100) / 1e6
    assert long.cost_usd(Usage(input_uncached=501, output=10)) == pytest.approx(expected)


def test_a_model_that_is_not_known_has_no_price_and_is_not_free():
    table = PriceTable.load(content_root())
    assert table.of("openai/some-model-of-tomorrow") is None
    assert table.of("compatible/gpt-4.1") is None
    for model in ("recorded/quickstart", "command/./x", "scripted/x"):
        price = table.of(model)
        assert price is not None
        assert price.bound_usd(10**9, 10**9) == 0


def test_what_ships_is_consistent():
    table = PriceTable.load(content_root())
    assert table.of("openai/gpt-4.1-2025-04-14") == table.of("openai/gpt-4.1")
    for model, price in table.prices.items():
        assert price.cached_input <= price.input <= price.cache_write < price.output, model
    listed = tomllib.loads((content_root() / "agents" / "prices.toml").read_text())
    assert listed["version"] == 1


def test_a_file_of_ones_own_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'version = 1\n[openai."gpt-4.1"]\ninput = 1\noutput = 2\ndated = "2026-11-01"\n'
        '[compatible.local]\ninput = 0\noutput = 0\ndated = "2026-11-01"\n'
    )
    monkeypatch.setenv("HARNESS_PRICES", str(mine))
    price = price_of("openai/gpt-4.1")
    assert price is not None
    assert (price.input, price.cached_input, price.output) == (1, 1, 2)
    assert price_of("compatible/local") is not None
    assert price_of("anthropic/claude-opus-5") is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version = 2", "version is 2, this harness reads 1"),
        ("", "version is None"),
        ("version = 1\nopenai = 3", "'openai' is not a table of models"),
        ("version = 1\n[openai.x]\ninput = 1\ndated = '2026-01-01'", "openai/x: output: Field required"),
        (
            "version = 1\n[openai.x]\ninput = 1\noutputs = 1\noutput = 2\ndated = '2026-01-01'",
            "openai/x: outputs: .* - did you mean 'output'",
        ),
        ("version = 1\n[openai.x]\ninput = -1\noutput = 2\ndated = '2026-01-01'", "openai/x: input: "),
        ("version = ", "mine.toml: Invalid value"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, text: str, message: str):
    mine = tmp_path / "mine.toml"
    mine.write_text(text)
    with pytest.raises(AgentError, match=message) as caught:
        PriceTable.load(content_root(), mine)
    assert "\n" not in str(caught.value)
    assert str(mine) in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(AgentError, match="No such file"):
        PriceTable.load(content_root(), tmp_path / "none.toml")


def test_capabilities_that_ship():
    table = CapabilityTable.load(content_root())
    assert not table.of("anthropic/anything").temperature
    assert table.of("openai/gpt-4o-mini").max_output == 16_384
    assert table.of("compatible/anything").temperature


def test_bad_capabilities_are_one_line(tmp_path: Path):
    (tmp_path / "agents").mkdir()
    path = tmp_path / "agents" / "capabilities.toml"
    path.write_text('[[model]]\nmatch = ["x/*"]\nmax_outputs = 3\n')
    with pytest.raises(AgentError, match=r"number 1: max_outputs: .* - did you mean 'max_output'"):
        CapabilityTable.load(tmp_path)
    path.write_text("models = 3\n")
    with pytest.raises(AgentError, match="unknown key 'models'"):
        CapabilityTable.load(tmp_path)
