package main

import "github.com/spf13/cobra"

func benchCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "bench", Short: "Measure a stack that runs on this machine"}
	cmd.AddCommand(benchAuthCommand(), benchChatCommand(), benchCurveCommand(), benchFanoutCommand(), benchGatewayCommand(),
		benchGoCommand(), benchPollingCommand(), benchRecoveryCommand(), benchStartCommand())
	return cmd
}
