#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command of the tests that takes time, on a clock that is a file: it is linked under the name of each. Nothing
# sleeps and nothing is asked. In $FAKE: `clock` has the milliseconds that have passed, `count` the questions asked so
# far, `pid` the script's process.
#   FAKE_SUCCEEDS  from which question on the answer is good; 0: never
#   FAKE_GOOD      instead: to which questions it is good, as `8,16`
#   FAKE_TAKES     what a good answer takes then, in milliseconds
#   FAKE_PERMANENT 1: a bad answer says that it is no use to ask again
#   FAKE_LATE      1: each answer takes as long as the asking command may wait; 0: it comes at once
#   FAKE_FIRST, FAKE_SECOND  what the first two answers take instead, in milliseconds
#   FAKE_name      how all questions of that command are answered: `ok` or `fail`
#   FAKE_EPOCH     the milliseconds of 1970 at the start
#   FAKE_CAP       after so many milliseconds the script is ended: it would go on
#   FAKE_DEADLINE, FAKE_LIMITED  of a `timeout` around: when it ends which process
name=${0##*/}
[ -e "$FAKE/stop" ] && { kill -9 "$PPID"; exit 1; }

# Reads a number from a file of the world.
number() { read -r value <"$FAKE/$1"; }

pass() {
  number clock
  now=$((value + $1))
  if [ -n "${FAKE_DEADLINE:-}" ] && [ "$now" -gt "$FAKE_DEADLINE" ]; then
    echo "$FAKE_DEADLINE" >"$FAKE/clock"
    : >"$FAKE/over.$FAKE_LIMITED"
    [ "$FAKE_LIMITED" = $$ ] || kill -9 "$FAKE_LIMITED" "$PPID" 2>/dev/null
    exit 137
  fi
  if [ "$now" -gt "$FAKE_CAP" ]; then
    : >"$FAKE/stop"
    echo "$FAKE_CAP" >"$FAKE/clock"
    read -r main <"$FAKE/pid"
    kill -9 "$main" "$PPID" 2>/dev/null
    exit 137
  fi
  echo "$now" >"$FAKE/clock"
}

# Asks, and waits at most so many milliseconds for the answer; `never` is no limit.
ask() {
  limit=$1
  [ "$limit" = never ] && limit=$((FAKE_CAP + 1))
  number count
  count=$((value + 1))
  echo "$count" >"$FAKE/count"
  took=0
  [ "$FAKE_LATE" = 1 ] && took=$limit
  [ "$count" = 1 ] && took=${FAKE_FIRST:-$took}
  [ "$count" = 2 ] && took=${FAKE_SECOND:-$took}
  case ",${FAKE_GOOD:-}," in *",$count,"*) took=${FAKE_TAKES:-$took} ;; esac
  pass "$took"
  case $2 in
    ok) return 0 ;;
    fail) return 1 ;;
  esac
  if [ -n "${FAKE_GOOD:-}" ]; then
    case ",$FAKE_GOOD," in *",$count,"*) return 0 ;; *) return 1 ;; esac
  fi
  [ "$FAKE_SUCCEEDS" != 0 ] && [ "$count" -ge "$FAKE_SUCCEEDS" ]
}

# `2.5`, `2m`, `1m30s` to milliseconds.
millis() {
  text=$1
  sum=0
  while [ -n "$text" ]; do
    digits=${text%%[!0-9.]*}
    text=${text#"$digits"}
    unit=${text%%[0-9]*}
    text=${text#"$unit"}
    whole=${digits%%.*}
    fraction=${digits#"$whole"}
    fraction=${fraction#.}000
    fraction=${fraction%"${fraction#???}"}
    part=$((whole * 1000 + 1$fraction - 1000))
    case $unit in
      m) part=$((part * 60)) ;;
      h) part=$((part * 3600)) ;;
      d) part=$((part * 86400)) ;;
    esac
    sum=$((sum + part))
  done
}

# The value of the option in $1 (`-m`) or $2 (`--max-time`) among the rest; empty without it.
option() {
  short=$1 long=$2 found=
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
      "$long="*) found=${1#*=} ;;
      "$long" | "$short") found=${2:-} ;;
      --*) ;;
      "$short"?*) found=${1#"$short"} ;;
      -[a-zA-Z]*"${short#-}") found=${2:-} ;;
    esac
    shift
  done
}

limit_or() {
  if [ -n "$found" ]; then
    millis "$found"
  else
    sum=$1
  fi
}

case $name in
  sleep)
    total=0
    for operand; do
      [ "$operand" = infinity ] && { pass $((FAKE_CAP + 1)); exit 1; }
      millis "$operand"
      total=$((total + sum))
    done
    pass "$total"
    ;;
  date)
    number clock
    echo $(((FAKE_EPOCH + value) / 1000))
    ;;
  timeout)
    while :; do
      case $1 in
        -k | -s) shift 2 ;;
        -*) shift ;;
        *) break ;;
      esac
    done
    millis "$1"
    shift
    number clock
    deadline=$((value + sum))
    if [ -n "${FAKE_DEADLINE:-}" ] && [ "$FAKE_DEADLINE" -lt "$deadline" ]; then
      "$@"
      exit
    fi
    # The process that is limited tells its own number.
    FAKE_DEADLINE=$deadline /bin/sh -c 'FAKE_LIMITED=$$ exec "$@"' limited "$@" &
    limited=$!
    wait "$limited"
    status=$?
    [ -e "$FAKE/over.$limited" ] && exit 124
    exit "$status"
    ;;
  curl)
    option -m --max-time "$@"
    limit_or never
    each=$sum
    option -% --retry "$@"
    retries=${found:-0}
    option -% --retry-delay "$@"
    limit_or ''
    delay=$sum
    pause=1000
    option -% --retry-max-time "$@"
    limit_or ''
    timer=$sum
    number clock
    started=$value
    while ! ask "$each" "${FAKE_curl:-}"; do
      [ "$retries" -gt 0 ] && [ -z "${FAKE_PERMANENT:-}" ] || exit 28
      number clock
      [ -z "$timer" ] || [ $((value - started)) -lt "$timer" ] || exit 28
      retries=$((retries - 1))
      pass "${delay:-$pause}"
      pause=$((pause * 2))
      [ "$pause" -gt 600000 ] && pause=600000
    done
    case " $* " in *http_code*) printf 200 ;; esac
    ;;
  kubectl)
    option -% --timeout "$@"
    case "$*" in
      *wait*) limit_or 30000 ;;
      *'rollout status'*)
        limit_or never
        [ "$sum" = 0 ] && sum=never
        ;;
      *) sum=never ;;
    esac
    ask "$sum" "${FAKE_kubectl:-}" || exit 1
    echo "${FAKE_OUTPUT:-Running}"
    ;;
  nc)
    option -w --wait "$@"
    limit_or never
    ask "$sum" "${FAKE_nc:-}"
    ;;
  pg_isready)
    option -t --timeout "$@"
    limit_or 3000
    [ "$sum" = 0 ] && sum=never
    ask "$sum" "${FAKE_pg_isready:-}" || exit 2
    ;;
  ping)
    option -c --count "$@"
    pauses=$((found - 1))
    option -W --wait "$@"
    limit_or 10000
    last=$sum
    [ -n "${FAKE_PERMANENT:-}" ] && exit 2
    pass $((pauses * 1000))
    ask "$last" "${FAKE_ping:-}"
    ;;
  *)
    ask never "${FAKE_other:-}"
    ;;
esac
