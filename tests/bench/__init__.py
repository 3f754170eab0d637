"""The figures of the box. Each bench is a module with `measure(small) -> Report`; here is the list of them."""

BENCHES = {
    "call_latency": "how fast a line answers and dials, on a running box",
    "voice_opens": "from an accepted CPCMREG to voice both ways",
    "mouth_to_ear": "how long a sound takes from one PCM port to the other",
    "frames_lost": "ten minutes of audio with clocks apart, in virtual time",
    "core_load": "processor, memory and disk of the core with four calls",
    "switchboard": "events per second in the pure core",
    "day": "a day of traffic in virtual time",
    "start": "from `tongdai run --sim` to READY",
    "firmware": "the supervisor: heap, round trip, silence to reset, size of its release",
    "page": "the Calls page over a long history",
    "watchdog": "a frozen core: to its reset, and to the hotline that answers again",
    "rating": "usage records per second",
    "rating_store": "usage records per second from a file to rows on disk",
    "rating_book": "the running account of a month: one late record, calls in progress",
    "authorisation": "may this leg be dialled, over a month of stored calls",
    "advise": "a month of a million calls under every plan and bundle",
}
"""Name → what it is about, in the order in which they run."""

__all__ = ["BENCHES"]
