#!/usr/bin/env bash
# The demo: one real video through the whole machine, on local workers.
set -euo pipefail

clip=examples/big-buck-bunny.mp4
output=demo-output.webm

cat <<TEXT
Encoding $clip with ExCamera[6,16]: 132 frames in 22 chunks of 6 frames, in chains of 16 chunks.
A coordinator drives one worker process per core over gRPC; within a chain each chunk is rebased onto
the decoder state that the one before it ended in, and the states travel through the rendezvous.

TEXT
command=("$BIN/excamera" encode "$clip" -o "$output" --chunk-frames 6 --chain-length 16)
echo "\$ ${command[*]}"
"${command[@]}"
cat <<TEXT

Written: $output ($(stat -c %s "$output") bytes). Play it with any player or browser, for example
    ffplay $output        mpv $output        chromium $output
TEXT
