# Bigger programs of Debian, on the full image. Each part begins with a line `== name`; where a part tells figures of the
# machine the test looks at them, and everything else is the same on Linux and on Pagoda.
part() { echo "== $1"; }
ended() { echo "status $?"; }
/bin/busybox mkdir -p /sbin /usr/sbin; /bin/busybox --install -s 2> /dev/null # what is there already stays
cd /tmp || exit 1

part memtester
memtester 4M 1 > said; ended
tr '\b' '\n' < said | grep -o -E '^ +[A-Z][A-Za-z0-9 -]+|ok$|FAIL.*|got.*|^Done.' | sed 's/ *$//'

part lua
lua5.4 - << 'EOF'; ended
local keep, seed = {}, 42
local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648; return seed // 65536 % n end
for i = 1, 150000 do
	local row = {i, tostring(i), {x = i}, function() return i end}
	keep[random(500) + 1] = row
	if i % 30000 == 0 then collectgarbage(i % 60000 == 0 and 'generational' or 'incremental') end
end
local sum = 0
for _, row in pairs(keep) do sum = sum + row[1] + #row[2] + row[3].x + row[4]() end
keep = nil
collectgarbage() collectgarbage()
print(sum, collectgarbage('count') < 200)
local words = {}
for i = 1, 20000 do words[#words + 1] = ('%d-%s'):format(random(1000), ('x'):rep(random(50))) end
table.sort(words)
print(#table.concat(words), words[1], words[#words])
print(pcall(string.rep, 'x', 1 << 31), select('#', table.unpack(words, 1, 200)))
local co = coroutine.wrap(function() for i = 1, 5000 do coroutine.yield(i * i) end end)
local squares = 0
for _ = 1, 5000 do squares = squares + co() end
print(squares)
EOF

part sqlite3
sqlite3 /tmp/database << 'EOF'; ended
create table numbers(id integer primary key, value integer, name text);
begin;
with recursive counter(x) as (select 1 union all select x + 1 from counter where x < 100000)
	insert into numbers select x, x * 7919 % 1000, 'name ' || x from counter;
commit;
create table groups(value integer primary key, title text);
insert into groups select distinct value, 'group ' || value from numbers;
create index by_value on numbers(value);
select count(*), sum(length(name)), min(title), max(title) from numbers join groups using(value);
select title, count(*), sum(id), max(name) from numbers join groups using (value) group by title order by sum(id) desc limit 5;
delete from numbers where value < 500; update numbers set name = upper(name) where value % 3 = 0;
select count(*), min(name), max(name) from numbers;
vacuum; pragma integrity_check;
EOF
ls -l database | cut -d ' ' -f 1-3

for library in glibc-dynamic glibc-static musl-static; do
	part "threads-$library"
	"/tests/threads-$library"; ended
done

# Three bash processes, sleeping; what the second and the third cost.
part shared
mkfifo ready go
for _ in 1 2 3; do
	free_before=$(awk '/^MemFree/ { print $2 }' /proc/meminfo)
	bash -c 'f() { local a=("$@"); echo "${#a[@]}" > ready; read -r _ < go; }; f one two three' & sharers+=($!)
	read -r _ < ready
	echo "process: $((free_before - $(awk '/^MemFree/ { print $2 }' /proc/meminfo))) KB"
done
/tests/sharers libc.so "${sharers[@]}"; ended
/tests/sharers /bash "${sharers[@]}"; ended
for pid in "${sharers[@]}"; do grep -E '^(Rss|Private_(Dirty|Clean)):' "/proc/$pid/smaps_rollup"; done
for _ in 1 2 3; do echo > go; done
wait; ended

part free
/usr/bin/free; ended
/usr/bin/free -l -m | cut -c1-30
part vmstat
/usr/bin/vmstat; ended
/usr/bin/vmstat -s | head -n 5
part ps
/bin/ps aux; ended
/bin/ps -e -o pid,ppid,pgid,sid,stat,rss,vsz,nlwp,min_flt,comm; ended
part top
/usr/bin/top -b -n1; ended
part pmap
/usr/bin/pmap -x $$; ended
part check
cat /proc/pagoda/check 2> /dev/null
part end
