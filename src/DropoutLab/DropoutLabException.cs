namespace DropoutLab;

/// <summary>
/// An error that the user can mend: one line that says what was wrong, which value or file, and what would be right.
/// The command prints the message and exits with code 2.
/// </summary>
public sealed class DropoutLabException : Exception
{
    public DropoutLabException(string message) : base(message)
    {
    }

    public DropoutLabException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>The data set's file that is damaged or is not what its name says, where that is the error; else null.</summary>
    internal string? DamagedFile { get; init; }
}
