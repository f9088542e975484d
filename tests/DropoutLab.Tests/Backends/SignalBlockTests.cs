using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Backends;

/// <summary>
/// A signal that is handled while oneDNN computes must not touch memory: 2.x keeps data where its handler's frame would go.
/// </summary>
public sealed partial class SignalBlockTests
{
    private const int WindowChanged = 28;
    private const int Steps = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [UnsupportedOSPlatform("windows")]
    public void SignalsLeaveAStepAlone(int threads)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        using OneDnnBackend backend = TestBackends.OneDnn(threads);
        int handled = 0;
        using PosixSignalRegistration handler = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, context =>
        {
            context.Cancel = true;
            Interlocked.Increment(ref handled);
        });
        using (backend)
        using (TrainingStep step = new(backend, Mlp.Create(new ImageShape(32, 32, 1), 10), DropoutSettings.None, 16,
            Precision.Float32))
        {
            step.Fill(seed: 1, weightSize: 0.01);
            double[] undisturbed = Run(step);

            Assert.Equal(undisturbed, RunInAStorm(step));
            SpinWait.SpinUntil(() => Volatile.Read(ref handled) > 0, TimeSpan.FromSeconds(10));
            Assert.NotEqual(0, Volatile.Read(ref handled));
        }
    }

    private static double[] RunInAStorm(TrainingStep step)
    {
        nint target = CurrentThread();
        using CancellationTokenSource done = new();
        Thread storm = new(() =>
        {
            while (!done.IsCancellationRequested)
            {
                SendSignal(target, WindowChanged);
                Thread.SpinWait(2000);
            }
        });
        storm.Start();
        try
        {
            return Run(step);
        }
        finally
        {
            done.Cancel();
            storm.Join();
        }
    }

    private static double[] Run(TrainingStep step)
    {
        for (int i = 0; i < Steps; i++)
            step.Plan.Run();
        return step.Gradient("fc1.weight");
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint CurrentThread();

    [LibraryImport("libc", EntryPoint = "pthread_kill")]
    private static partial int SendSignal(nint thread, int signal);
}
