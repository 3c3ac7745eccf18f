"""The worker: a small agent that dials the coordinator and carries out what it is told.

It knows nothing of video. Its vocabulary is that of `mu.proto`: keep a value, move a file between
the object store and a scratch folder, run an executable of its image, send and receive messages
through the rendezvous.

    invitation   what a backend hands to a worker that it starts
    worker       one worker's life: dial, obey, reconnect, leave
    session      one connection to the coordinator
    attempts     what the worker holds: a journal, a scratch folder and running calls per attempt
    commands     what each command does, by way of executables, mailboxes and objects
    failures     every error, and what the coordinator is told of it
    cli, knative, aws_lambda   the ways in
"""
