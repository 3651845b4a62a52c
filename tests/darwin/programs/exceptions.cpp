// SPDX-License-Identifier: MIT
// C++ exceptions: through frames with and without rbp, destructors on the way, a class and its base, thrown again.
#include "check.h"

namespace
{
int destroyed;

struct Guard {
	int number;
	explicit Guard(int n) : number(n) {}
	~Guard() { destroyed += number; }
};

struct Base {
	int value;
	virtual ~Base() {}
};
struct Derived : Base {
	explicit Derived(int v) { value = v; }
};

__attribute__((noinline)) void fail(int depth, int a, int b, int c)
{
	Guard guard(1);
	volatile char room[3000]; // a large frame
	room[depth] = (char)(a + b + c);
	if (depth == 0)
		throw Derived(42);
	fail(depth - 1, b, c, a);
	room[0]++;
}

__attribute__((noinline)) int catch_base()
{
	try {
		Guard guard(100);
		fail(10, 1, 2, 3);
	} catch (const Base &base) {
		return base.value;
	}
	return 0;
}

__attribute__((noinline)) int catch_again()
{
	try {
		try {
			throw 7;
		} catch (int) {
			throw;
		}
	} catch (int value) {
		return value;
	} catch (...) {
		return -1;
	}
}
} // namespace

int main()
{
	CHECK(catch_base() == 42 && destroyed == 111);
	CHECK(catch_again() == 7);
	int *array = new int[1000];
	delete[] array;
	puts("exceptions are fine");
	return 0;
}
