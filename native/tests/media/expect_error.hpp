// EXPECT_THROW with a look at the message.
#pragma once

#include <string>

#include <gtest/gtest.h>

#define XC_EXPECT_ERROR(statement, kind, message_part)                         \
  try {                                                                        \
    static_cast<void>(statement);                                              \
    ADD_FAILURE() << "nothing was thrown by " #statement;                      \
  } catch (kind const& error) {                                                \
    EXPECT_NE(std::string(error.what()).find(message_part), std::string::npos) \
        << "the message was: " << error.what();                                \
  }
