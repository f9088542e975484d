using DropoutLab.Cli;
using DropoutLab.Cli.Machine;

StepClock steps = new(TimeProvider.System);
using StopSignals signals = new(steps);
return CommandLineApplication.Run(args, new CommandConsole(Console.Out, Console.Error, signals.Token, steps));
