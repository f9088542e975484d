namespace DropoutLab.Tests.Cli;

/// <summary>Does something, such as cancelling, when a line that begins with a text is written.</summary>
internal sealed class ActingWriter(string beginning, Action action) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.StartsWith(beginning, StringComparison.Ordinal) == true)
            action();
    }
}
