using DropoutLab.Cli;

namespace DropoutLab.Tests.Cli;

public sealed class CommandConsoleTests
{
    [Theory]
    [InlineData("runs/a-1_b.c", "runs/a-1_b.c")]
    [InlineData("with space", "'with space'")]
    [InlineData("a$b", "'a$b'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("a(1)&b", "'a(1)&b'")]
    public void PathsAreWrittenAsAShellTakesThem(string path, string quoted)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(quoted, CommandConsole.Quoted(path));
    }

    [Fact]
    public void OutputThatCannotBeWrittenIsOneLineAndOneThatNobodyReadsIsNone()
    {
        using FullWriter full = new();
        StringWriter error = new();

        Assert.Equal(2, CommandLineApplication.Run(["--version"], full, error, TestContext.Current.CancellationToken));
        Assert.Equal("dropoutlab: the output cannot be written: full\n", error.ToString());
        Assert.Equal(2, CommandLineApplication.Run(["--version"], full, full, TestContext.Current.CancellationToken));
    }

    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("full");

        public override void Write(string? value) => throw new IOException("full");

        public override void WriteLine(string? value) => throw new IOException("full");
    }
}
