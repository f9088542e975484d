using System.Diagnostics;

namespace DropoutLab.Cli.Machine;

/// <summary>
/// Ends a child's work with its parent. The parent holds the other end of the child's standard input and writes nothing; however
/// the parent ends, kill -9 included, the system closes that end.
/// </summary>
internal static class ParentWatch
{
    /// <summary>An evaluation is not stopped in its middle, but nothing is lost if it is.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A token that is cancelled when standard input ends, or when another one is. The process does not outlive it for long.
    /// </summary>
    public static CancellationToken Begin(CancellationToken other)
    {
        CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(other);
        new Thread(() => Watch(source)) { IsBackground = true, Name = "parent watch" }.Start();
        return source.Token;
    }

    private static void Watch(CancellationTokenSource source)
    {
        using Stream input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[64];
        while (input.Read(ignored) > 0)
        {
        }

        source.Cancel();
        Thread.Sleep(LongestStop);
        Process.GetCurrentProcess().Kill();
    }
}
