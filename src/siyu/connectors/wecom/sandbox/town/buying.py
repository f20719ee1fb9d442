"""How often customers order of their own accord, and when they stop: BG/NBD (Fader, Hardie & Lee 2005), one customer at a time."""

from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.town.scenario import Buying


class Buyers:
    """Personal rates and chances, each a function of the seed and the customer."""

    def __init__(self, buying: Buying, mean_per_month: float, draws: Draws) -> None:
        self._buying = buying
        self._mean = mean_per_month
        self._draws = draws

    def orders_per_month(self, customer: str, own: float | None) -> float:
        """While active. `own`: the rate that the population file gives."""
        if own is not None or not self._buying.rate_shape:
            return self._mean if own is None else own
        return self._mean * self._draws.gamma(self._buying.rate_shape, "buying rate", customer) / self._buying.rate_shape

    def drops_out(self, customer: str, nth: int) -> bool:
        """After the customer's nth order."""
        if not self._buying.dropout_a:
            return False
        chance = self._draws.beta(self._buying.dropout_a, self._buying.dropout_b, "dropout", customer)
        return self._draws.happens(chance, "drops out", customer, nth)
