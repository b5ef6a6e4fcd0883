# SPDX-License-Identifier: MIT
# Made by completions/generate from coroner --help; change that and run: make completions

complete -c coroner -f
complete -c coroner -l json -d 'print one JSON object (coroner-json(5))'
complete -c coroner -l source -x -a 'auto bpf procfs' -d 'auto, bpf or procfs: where the census comes from'
complete -c coroner -l procfs -x -a '(__fish_complete_directories)' -d 'a mount of proc elsewhere than /proc'
complete -c coroner -l cgroupfs -x -a '(__fish_complete_directories)' -d 'the cgroup tree elsewhere than /sys/fs/cgroup'
complete -c coroner -l pid-ns -x -a '(__fish_complete_pids)' -d 'only this PID namespace, or the one PID is in'
complete -c coroner -l container -x -d 'only the container whose id begins so'
complete -c coroner -l settle -x -d 'count only zombies still there after it (500ms, 2s)'
complete -c coroner -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c coroner -s h -l help -d 'print this help'
complete -c coroner -s V -l version -d 'print the version'
complete -c coroner -n 'not __fish_seen_subcommand_from list namespaces' -a list -d 'Show which parents hold zombies, and why'
complete -c coroner -n 'not __fish_seen_subcommand_from list namespaces' -a namespaces -d 'Show every PID namespace, and whether its init reaps'
# No command means list.
complete -c coroner -n 'not __fish_seen_subcommand_from list namespaces' -s z -l zombies -d 'one row per zombie'
complete -c coroner -n 'not __fish_seen_subcommand_from list namespaces' -s o -l output -x -d 'the columns to print, parted by commas'
complete -c coroner -n 'not __fish_seen_subcommand_from list namespaces' -l no-headings -d 'rows alone: no headings, remedies and totals'
complete -c coroner -n '__fish_seen_subcommand_from list' -s z -l zombies -d 'one row per zombie'
complete -c coroner -n '__fish_seen_subcommand_from list' -s o -l output -x -d 'the columns to print, parted by commas'
complete -c coroner -n '__fish_seen_subcommand_from list' -l no-headings -d 'rows alone: no headings, remedies and totals'
