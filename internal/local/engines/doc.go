// Package engines runs what the local cloud does not emulate itself: DynamoDB
// (dynalite) and SQS (fauxqs), as child processes on 127.0.0.1.
//
// Both are npm packages. Their versions are pinned by the lockfile in folder
// node, which is part of this package's binary. [Install] brings them, once
// for each version of that folder, into the user's cache directory;
// [Installation.Start] starts one. It needs Node 20 or newer, and npm for the
// first use only.
//
// An engine keeps everything in memory and lives no longer than the process
// that started it. It knows one account, 000000000000, and one region,
// us-east-1.
package engines
