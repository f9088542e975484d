using System.Runtime.InteropServices;
using DropoutLab.Cli;

using CancellationTokenSource cancellation = new();

// The first signal asks for a stop between two steps; a second one ends the process at once.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !cancellation.IsCancellationRequested;
    cancellation.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return CommandLineApplication.Run(args, Console.Out, Console.Error, cancellation.Token);
