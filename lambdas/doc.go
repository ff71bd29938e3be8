// Command lambdas is the program of every Roomcast function: one bootstrap,
// built and uploaded once, that takes the handler named by the function's
// setting Handler, which Lambda passes on as _HANDLER.
package main
