// SPDX-License-Identifier: MIT
// Threads that throw at the same time through the same functions: the records of unwinding are made once, by whoever comes first.
#include "check.h"

#include <pthread.h>

namespace {

struct Error {
	int number;
};

struct Counted {
	int *count;
	~Counted() { ++*count; }
};

__attribute__((noinline)) int fall(int depth, int *count)
{
	Counted counted = {count};
	if (depth == 0)
		throw Error{*count};
	return fall(depth - 1, count) + 1;
}

extern "C" void *work(void *argument)
{
	for (int i = 0; i < 500; i++) {
		int count = 0;
		try {
			fall(i % 17, &count);
		} catch (const Error &error) {
			CHECK(error.number == 0 && count == i % 17 + 1);
			continue;
		}
		return nullptr;
	}
	return argument;
}

} // namespace

int main()
{
	pthread_t threads[4];
	void *result;
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], nullptr, work, &threads[i]) == 0);
	for (int i = 0; i < 4; i++)
		CHECK(pthread_join(threads[i], &result) == 0 && result == &threads[i]);
	puts("all was caught");
	return 0;
}
