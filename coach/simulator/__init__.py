"""A stand-in for WHOOP: its sign-in, its consent page, its API and its export, for development and tests.

Here belongs: everything that plays WHOOP's side. Here does not belong: anything of ours. This package imports
nothing of the features and no feature imports it; the app reaches it by its two base addresses, like WHOOP itself.

In-process, without a network, all from one seed and on one clock:

    app = create_simulator(client_id=..., client_secret=..., redirect_uris=[...], environment="test",
                           clock=Clock(start, ticking=False), options=Options(crowd=2000, webhook_url=...))
    world = world_of(app)                       # `app` is a WSGI application and a Flask app
    pair = world.grant(user_id)                 # links without pages: access_token, refresh_token, scopes
    for delivery in world.advance(world.next_due() or end):     # sets the clock, returns what is due
        world.answered(delivery, post(delivery.url, delivery.body, delivery.headers))   # a status, or None
    world.follow(Script.model_validate(document))               # faults.py says what may go wrong
    world.delete(subject), world.rescore(subject), world.register(Registration(...)), world.post.manner = Manner(...)
    world.journal.since(n), world.journal.counted(), worst(world.journal, timedelta(minutes=1))

The crowd is numbered from `crowd.FIRST_ID` and lives by `mix.py`. Over HTTP the same is at /_simulator/clock,
/faults, /journal, /counters, /webhooks, /apps, /grants, /revoke/<member>, /delete/<id>, /rescore/<id> and
/announce/<member>, from this machine only; `coach simulator` brings announcements by itself.
"""
