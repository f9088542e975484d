using System.Text;

namespace DropoutLab.Tests.Cli;

/// <summary>Cancels when a line begins with a text.</summary>
internal sealed class CancellingWriter(string beginning, CancellationTokenSource cancellation) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.StartsWith(beginning, StringComparison.Ordinal) == true)
            cancellation.Cancel();
    }

    public override Encoding Encoding => Encoding.UTF8;
}
