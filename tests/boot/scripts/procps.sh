# What procps and busybox tell of memory; each command's output between two lines.
export TERM=linux COLUMNS=200
sleep 1000 &
pid=$!
run() {
	echo "<<< $1"
	shift
	"$@" 2>&1
	echo ">>>"
}
for tool in free vmstat slabtop top ps pmap; do
	case $tool in
	ps) path=/bin/ps ;;
	*) path=/usr/bin/$tool ;;
	esac
	eval "$tool() { $RUN $ROOT$path \"\$@\"; }"
done
run "free" free
run "free -k" free -k -w -t -l
run "vmstat" vmstat
run "vmstat -a" vmstat -a
run "vmstat -m" vmstat -m
run "vmstat -s" vmstat -s
run "slabtop" slabtop -o
run "top" top -b -n1
run "ps" ps
run "ps -ef" ps -ef
run "ps aux" ps aux
run "ps -o" ps -o pid,vsz,rss,sz,size,trs,drs,min_flt,maj_flt,pmem,wchan,stat,comm -p $pid
run "pmap" pmap $pid
run "pmap -x" pmap -x $pid
run "pmap -X" pmap -X $pid
b=$BUSYBOX
run "busybox free" $b free
run "busybox top" $b top -b -n1
run "busybox ps" $b ps -o pid,vsz,rss,stat,args
kill $pid
echo "end of the script"
