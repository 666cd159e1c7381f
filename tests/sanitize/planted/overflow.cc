// A signed overflow on purpose: shows that the undefined behaviour sanitizer of this build would find one.
#include <limits>

int main(int argc, char**) {
  const volatile int largest = std::numeric_limits<int>::max();
  const volatile int sum = largest + argc;
  return sum == 0;
}
