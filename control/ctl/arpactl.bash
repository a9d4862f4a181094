# SPDX-License-Identifier: BSD-3-Clause
# Completion for bash: arpactl knows its verbs, and asks arpad for zones and transactions.
complete -C 'arpactl --bash-complete' arpactl
