# What our own shell has in common with sh(1).
echo one   two
echo 'single  "quotes" $HOME \' "double  'quotes' \$x \\"
echo a\ b "" '' end # a comment
echo not#comment '#' "#"
x=1 y='two  words'
echo $x $y "$y" ${x}0 $nothing "$nothing" end
z=$y$x
echo "$z" '$z' $
x=$z; echo "[$x]"
empty=
echo $empty "$empty" [$empty]
echo $# "$@" $*
true; echo $?
false; echo $?
! true; echo $?
! false && echo negated
true && echo and
false && echo never
false || echo or
true || echo never
false && echo never || echo third
true || echo never && echo fourth
false || false || echo fifth
echo first; echo second
echo piped | cat
echo three stages | cat | cat
echo to the next line |
	cat
true &&
	echo after a newline
echo goes \
on
echo "over
two lines"
echo file > out; cat out
echo more >> out; cat < out
cat < out > copy; cat copy
> empty
cat empty
echo to two >&2 2> /dev/null
echo both 1>&2 2>&1
cat missing 2> /dev/null
echo $?
cat missing > both 2>&1 || echo no such file
cd /
pwd
cd "$OLDDIR"
cat out
export EXPORTED='a value'
notexported=1
sh -c 'echo "$EXPORTED" "[$notexported]"'
A=for-one sh -c 'echo $A'
echo [$A]
unset EXPORTED
sh -c 'echo "[$EXPORTED]"'
sh -c 'exit 7'
echo $?
sh -c 'kill -9 $$'
echo $?
sh -c 'echo $0 $1 $#' name word
sleep 0.1 & wait; echo waited
sh -c 'exit 3' &
wait $!
echo $?
cat &
wait $!; echo $?
nosuchprogram 2> /dev/null
echo $?
exec 2> /dev/null
./out
echo $?
./missing
echo $?
/
echo $?
nosuchprogram
echo $? | cat
cd /nosuch || echo no folder
: nothing $x > /dev/null
echo "$$" | cat > pid; kill -0 $$ && echo alive
echo end of the script
exit 5
echo never
