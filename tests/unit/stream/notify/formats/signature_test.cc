#include "stream/notify/formats/signature.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

TEST(Signature, IsThatOfTheSpecificationsExample) {
  const auto key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  EXPECT_EQ(webhook_signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, ASecretWithoutThePrefixIsTheKeyItself) { EXPECT_EQ(*signing_key("s3cret"), "s3cret"); }

TEST(Signature, PaddingIsNoPartOfTheKey) {
  EXPECT_EQ(*signing_key("whsec_YQ=="), "a");
  EXPECT_EQ(*signing_key("whsec_YWI="), "ab");
  EXPECT_EQ(*signing_key("whsec_YWJj"), "abc");
  EXPECT_EQ(signing_key("whsec_???").error().code, "bad_config");
}

TEST(Base64, EndsWithPadding) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("a"), "YQ==");
  EXPECT_EQ(base64("abc"), "YWJj");
}

}  // namespace
}  // namespace tidewatch
