// Package engines runs what the local cloud does not emulate itself: DynamoDB
// (dynalite, or AWS's DynamoDB Local) and SQS (fauxqs), as child processes on
// 127.0.0.1.
//
// dynalite and fauxqs are npm packages. Their versions are pinned by the
// lockfile in folder node, which is part of this package's binary. [Install]
// brings them, once for each version of that folder, into the user's cache
// directory; [Installation.Start] starts one. It needs Node 22.13 or newer, and
// npm for the first use only.
//
// DynamoDB Local is the reference to compare dynalite with: slower to start,
// closer to AWS. It is a project of its own, brought by [InstallReference]
// when it is asked for, and needs a Java development kit.
//
// An engine keeps everything in memory and lives no longer than the process
// that started it. It knows one account, 000000000000, and one region,
// us-east-1.
package engines
