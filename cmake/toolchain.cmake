# Compiler, linker and cache settings shared by every target.

find_program(TIDEWATCH_CCACHE ccache)
if(TIDEWATCH_CCACHE)
  # What ccache asks for before it keeps what was compiled with precompiled headers (its manual, chapter of that name).
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${TIDEWATCH_CCACHE})
endif()
find_program(TIDEWATCH_MOLD mold)
if(TIDEWATCH_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Every build of ours prints floating point the same way on every machine: no -march=native, no -ffast-math.
add_compile_options(-fno-omit-frame-pointer)
# The same for all, as precompiled headers ask; -fpch-preprocess is what ccache needs to see through them.
add_compile_options(-pthread -fpch-preprocess)
set(test_compile_options $<$<CONFIG:RelWithDebInfo>:-Og>)  # a quarter less to compile than -O1

set(TIDEWATCH_SANITIZE "" CACHE STRING "Sanitizers to build with: empty, 'address,undefined' or 'thread'")
if(TIDEWATCH_SANITIZE)
  add_compile_options(-fsanitize=${TIDEWATCH_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TIDEWATCH_SANITIZE})
  if(TIDEWATCH_SANITIZE STREQUAL "thread")
    # By this macro protobuf's headers give map fields one more member, which Debian's libprotobuf, built without the
    # sanitizer, does not know: reflection over a map then crashes.
    add_compile_options(-U__SANITIZE_THREAD__)
  endif()
endif()

add_library(tidewatch_warnings INTERFACE)
target_compile_options(tidewatch_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-qual -Woverloaded-virtual -Werror)
if(TIDEWATCH_SANITIZE)
  # g++ 12 takes the instrumented paths of std::variant and std::optional for uninitialised reads; the plain builds warn.
  target_compile_options(tidewatch_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
