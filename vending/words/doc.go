// Package words says to people what happened, in zh-CN and in en. It is used at
// the edge only, by pages and commands: everything below speaks in errors with
// codes and sentinels.
package words
