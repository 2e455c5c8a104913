"""Someone works at the prompt of Debian's busybox: the same session at this Linux and at Pagoda's serial line, from the
prompt that the image's /init gives to its end, and all that the terminal shows is the same, echo and cursor movements included."""
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

import linux
from debian import BUSYBOX, image
from machine import Machine

# The status of the last command, and what ash's line editor asks before it reads: where the cursor is.
PROMPT = r"(?:\d+# |> )\x1b\[6n\Z"
FIRST = "PS1='$?# ' PS2='> '; stty rows 24 cols 250"


class Typed:
    """A command that is typed at: after each pattern that it shows, keys. Ends at the next prompt."""

    def __init__(self, command, *patterns_and_keys, like=None):
        self.lines = [command]
        self.keys = list(zip(patterns_and_keys[::2], patterns_and_keys[1::2]))
        self.like = like


class Edited(Typed):
    """What is typed at the prompt is no whole line."""

    def __init__(self, keys, *patterns_and_keys):
        super().__init__(None, "", keys, *patterns_and_keys)
        self.lines = []


def plain(text):
    """Commands, one a line. `> ` begins a line that goes on with the command before it; `~ ` what the command's output
    on both looks like, for one that tells figures of the machine."""
    steps = []
    for line in text.strip("\n").split("\n"):
        if line.startswith("> "):
            steps[-1].lines.append(line[2:])
        elif line.startswith("~ "):
            steps[-1].like = (steps[-1].like or "") + line[2:] + "\n"
        else:
            steps.append(Typed(line))
    return steps


TOP = r"""(?:\x1b\[H\x1b\[J)?Mem: \d+K used, \d+K free, \d+K shrd, \d+K buff, \d+K cached *
CPU: +\d+% usr +\d+% sys +\d+% nic +\d+% idle +\d+% io .*
Load average: \d+\.\d\d \d+\.\d\d \d+\.\d\d \d+/\d+ \d+
.*PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND.*
(?: +\d+ +\d+ 0 +[RS]. +\d+ +\d+% +\d+% .*\n)+\n?"""

SESSION = [
    *plain(r"""
mkdir desk; cd desk; umask 022; pwd
echo hello, world
seq 1 200 > numbers; wc numbers
head -n 3 numbers; tail -n 2 numbers
sort -rn numbers | head -n 4 | tr '\n' ' '; echo
awk '{ s += $1; q[$1 % 3]++ } END { print s, q[0], q[1], q[2] }' numbers
sed -n 's/^1\(.\)$/teen \1/p' numbers
grep -c 7 numbers; grep -n '^19' numbers | tail -n 2; grep nothing numbers
cut -c1 numbers | sort | uniq -c
cat << end > here
> six times seven is $((6 * 7)), $(echo and so on)
> end
cat here
cat << 'end' | tr a-z A-Z
> no $((6 * 7)) here
> end
for i in one "two three" four; do
> echo "<$i>"
> done
i=0; while [ $i -lt 5 ]; do i=$((i + 1)); [ $i = 3 ] && continue; printf '%d ' $i; done; echo
while read -r a b; do echo "$b, $a"; done < here
f() { local x=$1; [ "$x" -le 1 ] && echo 1 && return; echo $((x * $(f $((x - 1))))); }; f 7
case word in w*) echo matches ;; *) echo no ;; esac
x=abcdef; echo "${x#ab} ${x%ef} ${#x} ${x:-no} ${unset:-default} $0 $#"
(cd /; pwd; exit 3)
false || echo or; true && echo and; ! true
echo out; echo err >&2; ls nothing
{ echo out; ls nothing; } 2> errors | cat; cat errors
sh -c 'exec 3> three; echo to three >&3; exec 3>&-; cat three'
nothing-of-this-name
. ./nothing
mkdir -p deep/er/est deep/b; echo x > deep/er/est/file; echo y > deep/b/other; find deep | sort
find . -type f -name '*e*' -size -2 | sort
find deep -type d -exec sh -c 'echo "$1: $(ls "$1" | wc -l)"' - {} \; | sort
cp -r deep copy; diff -r deep copy; echo z >> copy/b/other; diff -r deep copy
mv copy/b/other copy/er/moved; ls -R copy
ln -s numbers link; ln numbers hard; readlink link; stat -c '%n %h %F %s %a' link hard numbers
ln -s loop loop; cat loop; ln -s ../desk/here around; cat around; rm around loop
touch -d '2001-02-03 04:05:06' old; ls -l old; date -r old '+%A %j %H'; stat -c '%x %Y' old
chmod 640 old; stat -c %A old; chmod u+x,g=w,o=rx old; stat -c %A old; chown 5:6 old; ls -ln old
test -x old && [ -s numbers ] && [ ! -e nobody ] && [ numbers -nt old ] && [ numbers -ef hard ]; echo $?
umask 077; touch private; umask; umask 022; ls -l private | cut -c1-10
tar cf deep.tar deep numbers; tar tvf deep.tar | awk '{ print $6, $1, $3 }' | sort; rm -r deep; tar xf deep.tar; cat deep/er/est/file
gzip -9 numbers; ls -l numbers.gz | awk '{ print $5 }'; gunzip numbers.gz; md5sum numbers
tar czf - deep | tar tzf - | sort; bzip2 -c numbers | bunzip2 | cmp - numbers; xz -h 2>&1 | head -n 1
awk 'BEGIN { for (i = 0; i < 200000; i++) print "line", i, "of a file" }' > lines; ls -s lines; wc lines; tail -n 1 lines
grep -c 77 lines; head -n 30000 lines | sort -k2,2nr | head -n 2; cut -d ' ' -f 2 lines | tail -n +100000 | md5sum
cat lines lines lines lines lines > big; rm lines; ls -l big | awk '{ print $5 }'; md5sum big
dd if=big of=copied bs=64k 2> /dev/null; cmp big copied; dd if=big bs=4k count=500 2> /dev/null | sha256sum; rm big copied
dd if=numbers of=piece bs=10 skip=3 count=2 2> /dev/null; cat piece; echo; dd if=/dev/urandom bs=100 count=3 2> /dev/null | wc -c
truncate -s 3M sparse; stat -c '%s %b' sparse; echo end >> sparse; tail -c 4 sparse; du -k sparse; rm sparse
od -c here | head -n 3; hexdump -C here | tail -n 2; xxd -l 16 here; od -An -tx4 numbers | head -n 1
yes | head -n 20000 | md5sum; yes no | dd bs=1000 count=100 iflag=fullblock 2> /dev/null | wc
echo some words | tee one two | wc -w; cmp one two && rm one two
seq 5 | xargs echo; seq 7 | xargs -n 3 echo; echo a b c | xargs -n 1 -I @ echo '<@>'
mkfifo fifo; (cat numbers > fifo) & sleep 0.1; tail -n 2 fifo; wait
cat fifo & echo through > fifo; wait
expr 6 \* 7; expr abc : 'a\(.\)c'; expr 1 / 0
printf '%05d|%-5s|%5.1f|%x|%c|%b\n' 42 ab 3.14159 255 xyz 'a\tb'
env -i A=1 B=2 env; A=3 sh -c 'echo $A'; export C=4; sh -c 'echo $C'; unset C; sh -c 'echo $C'
date -u -d @1000000000; date -u -d '2024-02-29 12:00:00' '+%s %a %b %d'; date -u -d 2023-02-30
nl here; rev here; fold -w 7 here; tac numbers | head -n 1; expand here | unexpand -a | cmp - here
factor 360 7919; echo '2 ^ 64' | bc; cal 9 1752; basename a/b.c .c; dirname /a/b/c; shuf -i 1-9 -n 9 | sort | tr -d '\n'; echo
echo 'one two' | { read -r a b; echo "$b $a"; }; paste here here | cut -f 2; printf 'b\na\n' | sort -c; strings here | head -n 1
diff -u here numbers | sed -n '3,5p'; printf 'a\nb\nc\n' > p; sed 's/b/B/' p > q; diff -u p q | patch p; cmp p q
cpio -o -H newc < /dev/null | wc -c; echo here | cpio -o -H newc 2> /dev/null | cpio -t
ls /dev/null /dev/full /dev/zero; echo x > /dev/full; head -c 5 /dev/zero | od -An -tx1
mkdir m; mount -t tmpfs -o size=1m none m; mount | grep "desk/m " | cut -d ' ' -f 2-5; df -k m | awk 'NR == 2 { print $2, $3, $4 }'
dd if=/dev/zero of=m/full bs=64k; ls -l m/full | awk '{ print $5 }'
cd m; umount ../m; cd ..; umount m; ls m; umount m
mount -t nothing none m; mount -t tmpfs none nowhere; mount -t proc proc m; cat m/self/comm; umount m
trap 'echo got USR1' USR1; kill -USR1 $$; trap - USR1
sh -c 'trap "echo the end" EXIT; kill -TERM $$; echo not ended'; sh -c 'kill -KILL $$'; echo $?
sh -c 'trap "" TERM; kill -TERM $$; echo still here'; sh -c 'kill -SEGV $$'
sleep 100 & sleep 0.2; kill %1; sleep 0.2; wait $!
sleep 0.6 & sleep 0.5 & jobs | cut -c1-15; wait; echo all done
for n in 3 1 2; do (sleep 0.$n; echo $n) & done; wait
timeout 0.3 sleep 10; timeout 10 true; timeout -s KILL 0.1 cat fifo
nohup echo hup < /dev/null 2> /dev/null; id -u; whoami; uname -s; hostname nobody 2> /dev/null; which awk
kill -0 $$; kill -0 999999; kill -l 9
readlink /proc/self/exe; cat /proc/self/comm; tr '\0' ' ' < /proc/self/cmdline; ls /proc/self/fd | wc -l; echo
sh -c 'ulimit -n 20; ulimit -n; exec 19> nineteen; echo fits >&19; exec 20> twenty'; cat nineteen
ulimit -s; ulimit -c; sh -c 'ulimit -v 3000; ulimit -v'
ls | sort | head -n 100; ls -d */; echo p*; echo [h-l]*
time sleep 0.3
~ real\t0m 0\.[3-9]\ds
~ user\t0m 0\.\d\ds
~ sys\t0m 0\.\d\ds
free
~               total        used        free      shared  buff/cache   available
~ Mem: +\d{5,} +\d{3,} +\d{4,} +\d+ +\d{3,} +\d{5,}
~ Swap:     +\d+ +\d+ +\d+
ps -o pid,ppid,stat,comm,args
~ PID   PPID  STAT COMMAND          COMMAND
~  +1 +0 S +init +/init
~  +\d+ +1 S +sh +-sh
~  +\d+ +\d+ R +ps +\{ps\} -sh
uptime
~  \d\d:\d\d:\d\d up .*,  load average: \d+\.\d\d, \d+\.\d\d, \d+\.\d\d
df -k /proc/self | cut -c1-20; cat /proc/filesystems | grep -w -e tmpfs -e proc
printf '$a\nthe last line\n.\n2,199d\nw ed-wrote\nq\n' | ed numbers; cat ed-wrote
clear | od -c
"""),
    Typed("top -b -n1", like=TOP),
    # Input, and its end.
    Typed("echo ready; cat", "^ready\n", "hello\n", "^hello\nhello\n", "\x04"),
    Typed("echo ready; read -r a b; echo \"$b, $a\"", "^ready\n", "some words here\n"),
    Typed("stty -echo; echo ready; read -r a; stty echo; echo \"$a\"", "^ready\n", "not echoed\n"),
    Typed("echo ready; read -t 0.2 -r a"),
    Typed("echo ready; dd bs=10 count=1 2> /dev/null | od -c", "^ready\n", "\x16\x03a\x7fbc\n"),
    # Ctrl-C, Ctrl-\ and Ctrl-Z; jobs in background and foreground.
    Typed("sh -c 'echo started; exec sleep 100'", "^started\n", "\x03"),
    Typed("sh -c 'echo started; exec sleep 100'", "^started\n", "\x1c"),
    Typed("echo started; yes | cat > /dev/null", "^started\n", "\x03"),
    Typed("sh -c 'trap \"echo handled; exit 5\" INT; echo started; while :; do sleep 0.1; done'", "^started\n", "\x03"),
    Typed("sh -c 'echo started; sleep 100; echo slept'", "^started\n", "\x1a"),
    *plain("""
jobs; sleep 0.2; ps -o stat,comm | grep -c '^T'
bg; jobs; sleep 0.2; ps -o stat,comm | grep -c '^T'
kill -STOP %1; sleep 0.2; jobs
"""),
    Typed("fg", "^sh -c.*\n", "\x03"),
    Typed("echo ready; cat > typed", "^ready\n", "one\n", "^one\n", "\x1a"),
    *plain("jobs; sleep 100 & sleep 0.2; jobs; kill %2; sleep 0.2; wait %2"),
    Typed("fg %1", "^cat.*\n", "two\n", "^two\n", "\x04"),
    *plain("cat typed\ncat & sleep 0.3; jobs"),
    Typed("fg", "^cat\n", "back\n", "^back\nback\n", "\x04"),
    Typed("(sleep 0.2; echo from behind) &", "from behind\n", "\n"),
    # The shell's own line editing: history, corrections, completion, a line given up.
    *plain("echo history is kept"),
    Edited("\x1b[A", "echo history is kept", "\x7f\x7f\x7f\x7flost", "lost", "\n"),
    Edited("cat numbers | head -n 1\x01", "cat numbers .*D", "\x1b[3~\x1b[3~\x1b[3~", " numbers .*D", "tac\n"),
    Edited("wc -l num\t", "numbers ", "\n"),
    Edited("echo never run", "run", "\x03"),
    # Programs that draw the screen.
    Typed("vi note", "- note 1/1 100%", "i", "I note 1/1 100%", "a", "a\x1b", "b", "b\x1b", "\r", "2/2 100%", "c", "c\x1b",
          "\x1b", "- note .*2/2 100%", "k", "1/2 50%", "x", "b \x1b", ":wq\r"),
    *plain("cat note"),
    Typed("less numbers", "K23\n", " ", "K46\n", "G", "K200\n", "/77\r", "K199\n", "q"),
    Typed("top", "PID.*\n(.*\n)*.* top\n?", "q", like=TOP),
]


def run(machine, steps):
    """What each step showed, from its first key to the prompt behind it."""
    shown = []
    with machine as m:
        m.expect(r"# \x1b\[6n\Z")
        m.send(FIRST + "\n")
        m.expect(PROMPT)
        for step in steps:
            start = m.at
            for line in step.lines:
                m.send(line + "\n")
                if not (step.keys and line is step.lines[-1]):
                    m.expect(PROMPT)
            for pattern, keys in step.keys:
                m.expect(pattern)
                m.stays(0.1)  # it may draw more, and has to come to where it reads
                m.at = len(m.text)
                m.send(keys)
            if step.keys:
                m.expect(PROMPT)
            shown.append(m.text[start:])
        m.send("exit\n")
        m.finish()
    return shown


def looks_alike(step, shown):
    echo = "".join("%s%s\n" % ("> \x1b[6n" if number else "", line) for number, line in enumerate(step.lines))
    return re.fullmatch(re.escape(echo) + "(?:" + step.like + r")0# \x1b\[6n", shown) is not None


@pytest.mark.skipif(not linux.permitted(), reason="a name space to mount in is not permitted here")
def test_session(tmp_path):
    initrd = image("busybox")
    machines = (linux.Linux(initrd, BUSYBOX, str(tmp_path)), Machine(memory=256, initrd=initrd))
    with ThreadPoolExecutor() as both:
        expected, found = both.map(lambda machine: run(machine, SESSION), machines)
    wrong = []
    for step, there, here in zip(SESSION, expected, found):
        if step.like:
            wrong += ["%s does not look like\n%s:\n%s" % (name, step.like, shown)
                      for name, shown in (("Linux", there), ("Pagoda", here)) if not looks_alike(step, shown)]
        elif there != here:
            wrong.append("--- Linux:\n%s\n--- Pagoda:\n%s" % (there, here))
    assert not wrong, "\n".join(wrong)
    assert len(SESSION) >= 60
