"""What a listener would think of a leg: the E-model, reduced to what the network does to G.711.

G.711 is the codec of every leg here. Pure; imported by gateway and desk, for each hears of another
end of a leg.
"""

from __future__ import annotations

_CLEAN_R = 93.2  # G.107 (2015), table 2: all defaults
_PLC_ROBUSTNESS = 25.1  # G.113 appendix I: G.711 with packet loss concealment
_BURSTINESS = 2.0  # losses come in pairs on office networks; G.107 §7.4 holds up to 2
_PACKET_MS = 20.0


def mean_opinion(*, loss: float, jitter_ms: float, delay_ms: float) -> float:
    """MOS, 1.0 … 4.5, of G.711 over a network: the E-model of ITU-T G.107 with its defaults.

    R = 93.2 - Id - Ie,eff. Delay: Id = 0.024 d + 0.11 (d - 177.3) for d > 177.3 ms (Cole and
    Rosenbluth's fit), d being the one-way delay, a packet, and a jitter buffer of twice the
    jitter. Loss in percent: Ie,eff = 95 P / (P / BurstR + Bpl) (§7.4, with Ie = 0 of G.711).
    MOS = 1 + 0.035 R + R (R - 60) (100 - R) · 7·10⁻⁶ (annex B).
    """
    delay = delay_ms + _PACKET_MS + 2 * jitter_ms
    impaired_by_delay = 0.024 * delay + 0.11 * max(0.0, delay - 177.3)
    percent = 100 * min(1.0, max(0.0, loss))
    impaired_by_loss = 95 * percent / (percent / _BURSTINESS + _PLC_ROBUSTNESS)
    rating = min(100.0, max(0.0, _CLEAN_R - impaired_by_delay - impaired_by_loss))
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
