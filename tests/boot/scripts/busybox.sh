# What a shell and its tools do with files, pipes and processes. The same output on Linux and on Pagoda.
mkdir work && cd work || exit 1
seq 1 200 > numbers
wc -l numbers
head -n 3 numbers; tail -n 2 numbers
sort -rn numbers | head -n 3
awk '{ s += $1 } END { print s }' numbers
sed -n 's/^1\(.\)$/teen \1/p' numbers
grep -c 7 numbers
cut -c1 numbers | sort | uniq -c | awk '{ print $1, $2 }'
tr 0-9 a-j < numbers | tail -n 1
cat << end
here $((6 * 7)) $(echo document)
end
for i in a b c; do echo "$i" > "$i.txt"; done
ls -1
cat *.txt > all; md5sum all
mv a.txt moved; rm b.txt; ls *.txt
ln -s numbers link; readlink link; head -n 1 link
ln numbers hard; cmp numbers hard && echo same
mkdir -p deep/er/est; echo x > deep/er/est/file
find deep | sort
find . -name '*.txt' | sort
tar cf deep.tar deep; tar tf deep.tar
rm -r deep; tar xf deep.tar; cat deep/er/est/file
gzip -c numbers > numbers.gz; gunzip -c numbers.gz | cmp - numbers && echo round trip
dd if=/dev/zero of=zeros bs=1024 count=100 2> /dev/null; md5sum zeros
yes | head -n 20000 | md5sum
chmod 640 all; stat -c '%a %s %F' all
test -x all || echo not executable
for word in one "two three"; do echo "<$word>"; done
(exit 3); echo "status $?"
false || echo or; true && echo and
sh -c 'kill -9 $$'; echo "killed: $?"
sleep 0.1 & wait $!; echo "waited: $?"
{ echo out; echo err >&2; } 2>&1 | sort
echo one > log; echo two >> log; cat log
expr 5 \* 9
basename /a/b/c.txt .txt; dirname /a/b/c.txt
echo abc | xargs echo got
seq 5 | xargs -n 2 echo
echo 'a:b:c' | awk -F: '{ print $3 $2 $1 }'
f() { local x=$1; [ "$x" -le 1 ] && echo 1 && return; echo $((x * $(f $((x - 1))))); }
f 6
trap 'echo end of the script' EXIT
case word in w*) echo matches ;; esac
x=abcdef; echo "${x#ab} ${x%ef} ${#x} ${x:-no} ${unset:-default}"
diff numbers hard && echo no difference
nl log | sed 's/[ \t]*//'
tee copy < log > /dev/null; cat copy
od -An -c log | head -n 1
echo hello | sha256sum
printf 'b 2\na 1\n' | sort | tr '\n' ,; echo
: > empty; [ -s empty ] || echo empty
sh nothing 2> /dev/null; echo "no such script: $?"
cd .. && rm -r work && ls work 2> /dev/null || echo gone
