# Dynamic bash: functions, arrays, subshells, many forks. The same output on Linux and on Pagoda.
f() { local words=("$@"); echo "${#words[@]} words, the last is ${words[-1]}"; }
f one two three
declare -A map=([x]=1 [y]=2)
for key in x y; do echo "$key is ${map[$key]}"; done
list=(5 3 9 1)
mapfile -t sorted <<< "$(for n in "${list[@]}"; do echo "$n"; done | { while read -r n; do all+=("$n"); done; echo "${all[@]: -2}"; })"
echo "${sorted[0]}"
(cd / && echo "in $PWD, level $BASH_SUBSHELL"; exit 3); echo "status $?"
[[ abc123 =~ ([a-z]+)([0-9]+) ]] && echo "${BASH_REMATCH[2]} ${BASH_REMATCH[1]}"
odd=0; for ((i = 0; i < 1000; i++)); do (exit $((i % 2))) || ((odd++)); done; echo "$odd of 1000 subshells said no"
x=$(for i in {1..4}; do printf '%03d ' $((i ** 3)); done); echo "$x"
trap 'echo got USR1' USR1; kill -USR1 $$
sum=0; while read -r a b; do ((sum += a * b)); done <<< $'1 2\n3 4'; echo "$sum"
echo "${x^^} ${x//0/o}"
