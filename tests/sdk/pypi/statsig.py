import time

from statsig import StatsigEvent, StatsigOptions, StatsigUser, statsig

statsig.initialize("secret-0000", StatsigOptions(init_timeout=2, disable_diagnostics=True, event_queue_size=1))


def send(text):
    statsig.log_event(StatsigEvent(StatsigUser("u-4711"), "level_done", metadata={"note": text}))
    statsig.flush()
    # The request is made in a thread of its own.
    time.sleep(2)
