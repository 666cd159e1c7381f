// A use of freed memory on purpose: shows that the address sanitizer of this build would find one.
#include <memory>

int main(int argc, char**) {
  auto owner = std::make_unique<int>(argc);
  const volatile int* freed = owner.get();
  owner.reset();
  return *freed == 0;
}
