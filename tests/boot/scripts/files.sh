# Files, folders, links, pipes, archives and mounts, by the programs of busybox. Runs where it may mount.
mkdir work; mount -t tmpfs none work; cd work
umask 022
mkdir -p a/b/c d; echo hello > a/x; cp a/x a/b/y; ln a/x a/hard; ln -s ../a/x d/soft; ln -s nowhere d/dangling
ls -1R; cat d/soft; cat d/dangling; stat -c '%A %h %s %F %N' a/x a/hard a d d/soft
find . | sort; find . -type l | sort; find . -links 2 -type f | sort
i=0; while [ $i -lt 200 ]; do echo "$i line $((i * 7 % 13))"; i=$((i + 1)); done > lines
sort -k3,3n -k1,1n lines | head -20; sort -u -k3,3 lines | wc -l; tail -3 lines; sed -n '5,8s/line/LINE/p' lines
awk '{ s[$3] += $1 } END { for (k in s) print k, s[k] }' lines | sort -n; grep -c 'line 3' lines; cut -d' ' -f1 lines | paste -sd+ | bc 2>/dev/null
tr a-z A-Z < a/x; rev < a/x; wc lines; uniq -c < /dev/null; md5sum lines a/x; sha1sum lines
tar cf all.tar a d lines; tar tf all.tar | sort; mkdir out; tar xf all.tar -C out; diff -r a out/a && echo same; cmp lines out/lines && echo equal
gzip -c lines > lines.gz; gunzip -c lines.gz | cmp - lines && echo gzip ok; bzip2 -c lines | bunzip2 -c | md5sum; tar cf - a d lines | gzip -c | gunzip -c | tar tf - | wc -l
dd if=/dev/zero of=big bs=64k count=320 2>/dev/null; ls -s big; md5sum big; dd if=lines of=piece bs=10 skip=3 count=2 2>/dev/null; cat piece; echo
truncate -s 1000000 sparse; stat -c '%s %b' sparse; echo end >> sparse; tail -c 4 sparse; stat -c '%s' sparse
echo one > f; echo two >> f; cat f; : > f; wc -c < f; echo n > f; cat <<X > here
here $((1 + 2)) document
X
cat here; cat < here | cat | cat; (echo sub; echo shell) | sort -r; { echo a; echo b; } > grp; cat grp
mv f g; ls -1 f; mv g a/; ls -1 a; rm a/g; rmdir a/b; rm -r a/b; ls -1 a; mkdir a; rm nothing; cat nothing
mkfifo p; (echo through the pipe > p) & cat p; wait; rm p; ls p
touch -d '2001-02-03 04:05:06' t; stat -c '%Y' t; chmod 640 t; stat -c '%a' t; chmod u+x,o=rw t; stat -c '%A' t; chown 5:6 t; stat -c '%u %g' t
readlink d/soft; readlink -f d/soft | sed "s#$PWD##"; cd d; pwd | sed "s#.*/##"; cd ..; basename "$PWD/x"; dirname a/b
echo {1,2} $((3 * 4)) ${HOME:+home} "$#"; f() { echo "f $1"; return 3; }; f x; echo $?; false || echo or; true && echo and
for n in 3 1 2; do echo $n; done | sort; case abc in a*) echo case;; esac; x=abcdef; echo ${x#ab} ${x%ef} ${#x}; seq 5 | xargs echo; seq 3 | while read n; do echo "<$n>"; done
sleep 0; kill -0 $$ && echo alive; (exit 7); echo $?; sh -c 'kill -TERM $$'; echo $?; yes | head -3; echo x | tee t1 t2; cat t1 t2
test -e a && test -d a && test ! -e zz && test -s lines && echo tests; [ lines -nt t ] && echo newer; printf '%05d|%-5s|%x\n' 42 ab 255
od -c a/x | head -2; hexdump -C a/x; xxd a/x; head -70 lines > part1; tail -n +71 lines > part2; wc -l part*; cat part* | cmp - lines && echo joined
expr 6 \* 7; factor 360; date -u -d @0 '+%Y-%m-%d'; nl a/x; fold -w 3 a/x; tac grp; head -c 5 lines; echo; strings a/x; diff t1 a/x
mkdir m; mount -t tmpfs -o size=64k none m && { echo in > m/f; cat m/f; dd if=/dev/zero of=m/full bs=4k 2>/dev/null; ls -l m/full | awk '{ print $5 }'; df -k m | awk 'NR == 2 { print $2, $4 }'; umount m; ls -1 m; }
mkdir pr; mount -t proc proc pr && { cat pr/self/comm; ls pr/1/fd > /dev/null && echo fd; umount pr; ls pr; }
cd m && mount -t tmpfs none . ; cd ..; mount -t tmpfs x m; cd m; umount ../m 2> /dev/null || echo busy; cd ..; umount m; umount m; umount m; mount -t nothing x m
mount -t tmpfs u m; mkdir m/v; mount -t tmpfs v m/v; mkdir m/v/w; mount -t tmpfs w m/v/w; echo deep > m/v/w/f; umount m 2> /dev/null || echo busy; cd m/v/w; umount -l ../..; cat f; cd - > /dev/null; ls m; grep -c ' tmpfs .*[uvw]/' /proc/mounts
mkdir gone; cd gone; rmdir ../gone; mount -t tmpfs x . 2> /dev/null || echo gone; cd ..
mkdir -p jail/bin; cp "$(readlink -f /proc/self/exe)" jail/bin/busybox; mount -t tmpfs j jail/bin; umount jail/bin; echo outside > secret; chroot jail /bin/busybox sh -c 'mkdir d; mount -t tmpfs t /; cd d; cd ..; cd ..; cd ..; pwd; ls; cat secret; cat ../secret; umount -l .' 2>&1 | sed 's/.*: //'
[ -r /proc/self/status ] && grep -c '^Pid:' /proc/self/status; ls -l /proc/self/fd/1 > /dev/null && echo link; cat /proc/self/cmdline | tr '\0' ' '; echo
id -u; uname -s; echo "end of the script"
