// SPDX-License-Identifier: MIT
// libc++'s futures, promises and async, timed locks, and C++20's waiting for atomic objects.
#include "check.h"

#include <atomic>
#include <barrier>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
namespace
{
void futures()
{
	std::promise<int> p;
	auto f = p.get_future();
	std::thread t([&] {
		std::this_thread::sleep_for(5ms);
		p.set_value(42);
	});
	CHECK(f.wait_for(10s) == std::future_status::ready);
	CHECK(f.get() == 42);
	t.join();
	auto a = std::async(std::launch::async, [] { return std::string("async"); });
	CHECK(a.get() == "async");
	auto d = std::async(std::launch::deferred, [] { return 7; });
	CHECK(d.wait_for(0s) == std::future_status::deferred);
	CHECK(d.get() == 7);
	auto e = std::async(std::launch::async, []() -> int { throw std::runtime_error("bad"); });
	bool caught = false;
	try {
		e.get();
	} catch (std::runtime_error &x) {
		caught = std::string(x.what()) == "bad";
	}
	CHECK(caught);
	std::promise<void> v;
	auto vf = v.get_future();
	CHECK(vf.wait_for(1ms) == std::future_status::timeout);
	try {
		v.get_future();
		CHECK(false);
	} catch (std::future_error &x) {
		CHECK(x.code() == std::future_errc::future_already_retrieved);
	}
	v.set_value();
	vf.get();
	CHECK(!vf.valid());
	try {
		v.set_value();
		CHECK(false);
	} catch (std::future_error &x) {
		CHECK(x.code() == std::future_errc::promise_already_satisfied);
	}
	std::future<void> broken;
	{
		std::promise<void> q;
		broken = q.get_future();
	}
	try {
		broken.get();
		CHECK(false);
	} catch (std::future_error &x) {
		CHECK(x.code() == std::future_errc::broken_promise);
		CHECK(std::string(x.what()).size() > 0);
	}
	for (int i = 0; i < 3; i++) {
		auto ve = std::async(std::launch::async, [] { throw 5; });
		try {
			ve.get();
			CHECK(false);
		} catch (int x) {
			CHECK(x == 5);
		}
	}
	std::promise<void> sp;
	std::shared_future<void> s1 = sp.get_future().share(), s2 = s1;
	std::shared_future<void> s3;
	s3 = s2;
	sp.set_exception(std::make_exception_ptr(3L));
	for (int i = 0; i < 2; i++)
		try {
			s3.get();
			CHECK(false);
		} catch (long x) {
			CHECK(x == 3);
		}
	std::packaged_task<int(int)> task([](int x) { return x * 2; });
	auto tf = task.get_future();
	task(21);
	CHECK(tf.get() == 42);
	std::promise<int> ex;
	auto ef = ex.get_future();
	std::promise<void> ev;
	auto evf = ev.get_future();
	std::thread u([&] {
		ex.set_value_at_thread_exit(9);
		ev.set_value_at_thread_exit();
		std::this_thread::sleep_for(5ms);
	});
	CHECK(ef.get() == 9);
	evf.get();
	u.join();
	std::mutex m;
	std::condition_variable cv;
	bool done = false;
	std::thread w([&] {
		std::unique_lock<std::mutex> l(m);
		done = true;
		std::notify_all_at_thread_exit(cv, std::move(l));
	});
	{
		std::unique_lock<std::mutex> l(m);
		cv.wait(l, [&] { return done; });
	}
	w.join();
	std::vector<std::future<long>> many;
	for (int i = 0; i < 50; i++)
		many.push_back(std::async(std::launch::async, [i] { return (long)i * i; }));
	long sum = 0;
	for (auto &x : many)
		sum += x.get();
	CHECK(sum == 40425);
}
void locks()
{
	std::recursive_timed_mutex r;
	std::promise<void> tried;
	r.lock();
	r.lock();
	CHECK(r.try_lock());
	std::thread t([&] {
		CHECK(!r.try_lock());
		CHECK(!r.try_lock_for(5ms));
		tried.set_value();
		r.lock();
		r.unlock();
	});
	tried.get_future().wait();
	r.unlock();
	r.unlock();
	r.unlock();
	t.join();
	CHECK(r.try_lock_for(1ms));
	CHECK(r.try_lock_until(std::chrono::steady_clock::now() + 1ms));
	r.unlock();
	r.unlock();
	try {
		std::thread n;
		n.join();
		CHECK(false);
	} catch (std::system_error &x) {
		CHECK(x.code() == std::errc::invalid_argument);
	}
}
void atomics()
{
	std::atomic<int> a{0};
	std::thread t([&] {
		a.wait(0);
		CHECK(a == 1);
		a = 2;
		a.notify_all();
	});
	std::this_thread::sleep_for(5ms);
	a = 1;
	a.notify_one();
	a.wait(1);
	t.join();
	CHECK(a == 2);
	std::atomic<long long> b{0};
	std::thread t2([&] { b.wait(0); });
	std::this_thread::sleep_for(5ms);
	b = 1ll << 40;
	b.notify_one();
	t2.join();
	std::latch l(3);
	std::vector<std::thread> v;
	std::atomic<int> n{0};
	for (int i = 0; i < 3; i++)
		v.emplace_back([&] {
			n++;
			l.arrive_and_wait();
			CHECK(n == 3);
		});
	for (auto &x : v)
		x.join();
	v.clear();
	std::barrier bar(4, []() noexcept {});
	std::atomic<int> c{0};
	for (int i = 0; i < 4; i++)
		v.emplace_back([&] {
			for (int k = 1; k <= 100; k++) {
				c++;
				bar.arrive_and_wait();
				CHECK(c >= 4 * k);
				bar.arrive_and_wait();
			}
		});
	for (auto &x : v)
		x.join();
	v.clear();
	CHECK(c == 400);
	std::counting_semaphore<10> s(0);
	std::thread t3([&] {
		for (int i = 0; i < 1000; i++)
			s.acquire();
	});
	for (int i = 0; i < 1000; i++)
		s.release();
	t3.join();
	CHECK(!s.try_acquire());
	CHECK(!s.try_acquire_for(1ms));
	struct big {
		long x[5];
		bool operator==(const big &) const = default;
	};
	std::atomic<big> g{big{{1, 2, 3, 4, 5}}};
	CHECK(!g.is_lock_free());
	big o = g.load();
	o.x[2] = 7;
	g.store(o);
	big e = o;
	o.x[0] = 9;
	CHECK(g.compare_exchange_strong(e, o));
	CHECK(!g.compare_exchange_strong(e, o));
	CHECK(e.x[0] == 9);
	CHECK(g.exchange(e).x[2] == 7);
	struct pair {
		void *p;
		long n;
	};
	std::atomic<pair> pr;
	pr.store({nullptr, 5});
	CHECK(pr.load().n == 5);
}
} // namespace

void verbose_abort(const char *, ...) __asm__("__ZNSt3__122__libcpp_verbose_abortEPKcz"); // of libc++ 15

int main(int count, char **)
{
	if (count > 1)
		verbose_abort("assertion %d failed\n", 42);
	locks();
	atomics();
	futures();
	puts("futures are fine");
}
