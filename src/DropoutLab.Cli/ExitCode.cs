namespace DropoutLab.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>A defect of the program, or a claim of it that does not hold on this machine.</summary>
    public const int Unexpected = 1;

    /// <summary>Runs of a sweep failed; the others are done.</summary>
    public const int RunsFailed = 1;

    /// <summary>An argument, a file or a value that the user can mend.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped by Ctrl-C: 128 and the signal's number, as shells have it.</summary>
    public const int Interrupted = 130;
}
