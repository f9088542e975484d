using DropoutLab.Data;

namespace DropoutLab.Tests.Data;

public sealed class ParallelReadingTests
{
    /// <summary>As the exception that it was: callers tell them apart.</summary>
    [Fact]
    public void TheFirstFilesFailureIsThrownAsItIs()
    {
        Assert.Equal("file 1", Assert.Throws<DropoutLabException>(() => ParallelReading.For(4, i =>
        {
            if (i > 0)
                throw new DropoutLabException($"file {i}");
        })).Message);
        Assert.Throws<OutOfMemoryException>(() => ParallelReading.For(2, _ => throw new OutOfMemoryException()));
        Assert.Throws<OverflowException>(() => ParallelReading.For(2, _ => throw new OverflowException()));
    }
}
