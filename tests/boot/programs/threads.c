/* 32 threads, mutexes and condition variables: numbers go from producers through a small queue to consumers, which add them
 * up. Says the sum, and what else must come out; the same with every C library. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAIRS     16
#define NUMBERS   1000 /* of each producer */
#define QUEUE     8
#define ALLOCATED 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int queue[QUEUE], head, filled;
static int producers = PAIRS;
static unsigned long long sum;
static unsigned long taken;

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int initialised, destroyed;
static __thread unsigned long mine;

static void initialise(void)
{
	initialised++;
}

static void destroy(void *value)
{
	free(value);
	__atomic_add_fetch(&destroyed, 1, __ATOMIC_RELAXED);
}

static void put(int number)
{
	pthread_mutex_lock(&lock);
	while (filled == QUEUE)
		pthread_cond_wait(&not_full, &lock);
	queue[(head + filled++) % QUEUE] = number;
	pthread_cond_signal(&not_empty);
	pthread_mutex_unlock(&lock);
}

/* False when nothing more will come. */
static int take(int *number)
{
	int more;

	pthread_mutex_lock(&lock);
	while (!filled && producers)
		pthread_cond_wait(&not_empty, &lock);
	more = filled > 0;
	if (more) {
		*number = queue[head];
		head = (head + 1) % QUEUE;
		filled--;
		pthread_cond_signal(&not_full);
	}
	pthread_mutex_unlock(&lock);
	return more;
}

static void *produce(void *arg)
{
	int first = (int)(long)arg * NUMBERS;
	void *blocks[ALLOCATED] = {NULL};

	pthread_once(&once, initialise);
	pthread_setspecific(key, malloc(10));
	for (int i = 0; i < NUMBERS; i++) {
		free(blocks[i % ALLOCATED]);
		blocks[i % ALLOCATED] = malloc(1 + i * 37 % 5000);
		put(first + i);
	}
	for (int i = 0; i < ALLOCATED; i++)
		free(blocks[i]);
	pthread_mutex_lock(&lock);
	if (!--producers)
		pthread_cond_broadcast(&not_empty);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *consume(void *arg)
{
	unsigned long long of_mine = 0;
	int number;

	(void)arg;
	pthread_once(&once, initialise);
	while (take(&number)) {
		of_mine += number;
		mine++;
	}
	pthread_rwlock_wrlock(&rwlock);
	sum += of_mine;
	taken += mine;
	pthread_rwlock_unlock(&rwlock);
	return (void *)mine;
}

static int wait_in_vain(void)
{
	static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
	struct timespec until;
	int error;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 20000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&lock);
	do
		error = pthread_cond_timedwait(&never, &lock, &until);
	while (!error);
	pthread_mutex_unlock(&lock);
	return error;
}

int main(void)
{
	pthread_t threads[2 * PAIRS];
	unsigned long returned = 0;
	void *value;

	pthread_key_create(&key, destroy);
	for (int i = 0; i < PAIRS; i++)
		if (pthread_create(&threads[i], NULL, produce, (void *)(long)i) ||
		    pthread_create(&threads[PAIRS + i], NULL, consume, NULL))
			return 1;
	for (int i = 0; i < 2 * PAIRS; i++) {
		pthread_join(threads[i], &value);
		returned += (unsigned long)value;
	}
	printf("sum %llu of %lu numbers, %lu returned\n", sum, taken, returned);
	printf("initialised %d times, %d values of keys freed\n", initialised, destroyed);
	printf("waiting in vain: %s\n", wait_in_vain() == ETIMEDOUT ? "timed out" : "wrong");
	return sum == (unsigned long long)PAIRS * NUMBERS * (PAIRS * NUMBERS - 1) / 2 ? 0 : 1;
}
