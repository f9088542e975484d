using DropoutLab.Experiments;

namespace DropoutLab.Tests.Experiments;

public sealed class SeedWordsTests
{
    [Fact]
    public void ManySeedsAreRanges()
    {
        Assert.Equal("1, 2, 3", SeedWords.Text([1, 2, 3]));
        Assert.Equal("1 to 1000", SeedWords.Text([.. Enumerable.Range(1, 1000).Select(seed => (ulong)seed)]));
        Assert.Equal("3, 5 to 16, 1, 18446744073709551615",
            SeedWords.Text([3, .. Enumerable.Range(5, 12).Select(seed => (ulong)seed), 1, ulong.MaxValue]));
    }
}
