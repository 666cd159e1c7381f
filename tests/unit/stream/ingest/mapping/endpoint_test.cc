#include "stream/ingest/mapping/endpoint.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

TEST(EndpointTemplate, WhatVariesBecomesAPlaceholder) {
  EXPECT_EQ(endpoint_template("/orders/17/items?page=2"), "/orders/{id}/items");
  EXPECT_EQ(endpoint_template("/users/6f8d2449-33ed-4c7c-82e7-5410e34ee4e6"), "/users/{id}");
  EXPECT_EQ(endpoint_template("/blobs/da39a3ee5e6b4b0d3255bfef95601890afd80709#x"), "/blobs/{id}");
  EXPECT_EQ(endpoint_template("agent.f9f77d1a-437f-4ba6-890e-b592a50cbd21"), "agent.{id}");
  EXPECT_EQ(endpoint_template("/t/thread7G78qCSLpzn0YQwFwrvK5OivI"), "/t/{id}");
}

TEST(EndpointTemplate, NamesStay) {
  for (const auto* name : {"/", "/v1/chat/completions", "run_joke_generator", "invocation [hello_app]",
                           "/models/gpt-4o-mini", "/deadbeef"})
    EXPECT_EQ(endpoint_template(name), name);
}

TEST(EndpointTemplate, OfAUrlOnlyThePath) {
  EXPECT_EQ(endpoint_template("https://shop.example:8443/chat?x=1"), "/chat");
  EXPECT_EQ(endpoint_template("https://shop.example"), "/");
}

}  // namespace
}  // namespace tidewatch
