// A data race on purpose: shows that the thread sanitizer of this build would find one (with the suppressions in use).
#include <thread>

int main() {
  int shared = 0;
  std::thread writer([&shared] { shared = 1; });
  shared = 2;
  writer.join();
  return shared == 0;
}
