using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

public sealed class DropoutSettingsTests
{
    private static readonly DropoutSite[] Sites =
    [
        new("conv1", "[1, 32, 32, 3]", IsNetworkInput: true), new("stage1.block1.conv1", "[1, 32, 32, 16]", IsNetworkInput: false),
        new("stage1.block1.conv2", "[1, 32, 32, 16]", IsNetworkInput: false), new("stage2.block1.conv2", "[1, 16, 16, 32]", IsNetworkInput: false),
        new("fc", "[1, 64]", IsNetworkInput: false),
    ];

    [Theory]
    [InlineData("all", "stage1.block1.conv1,stage1.block1.conv2,stage2.block1.conv2,fc")]
    [InlineData("fc", "fc")]
    [InlineData("*.conv2,fc", "stage1.block1.conv2,stage2.block1.conv2,fc")]
    [InlineData("stage1.*", "stage1.block1.conv1,stage1.block1.conv2")]
    [InlineData("conv1, *conv1", "conv1,stage1.block1.conv1")]
    public void NamesAndPatternsChooseSites(string text, string expected)
    {
        DropoutSettings settings = new(DropoutRule.Standard(0.1), DropoutSettings.ParseSites(text), MaskSharing.PerDatum);
        IReadOnlySet<string> chosen = settings.Choose(Sites, "net");
        Assert.Equal(expected, string.Join(',', Sites.Select(site => site.Name).Where(chosen.Contains)));
    }

    [Theory]
    [InlineData("fc2")]
    [InlineData("fc,stage4.*")]
    public void AnUnknownSiteIsAnErrorThatListsThem(string text)
    {
        DropoutSettings settings = new(DropoutRule.Standard(0.1), DropoutSettings.ParseSites(text), MaskSharing.PerDatum);
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => settings.Choose(Sites, "net"));
        Assert.Equal($"net has no dropout site {text.Split(',')[^1]}; its sites are conv1, stage1.block1.conv1, stage1.block1.conv2, stage2.block1.conv2, fc", error.Message);
    }

    [Fact]
    public void NoSiteAtAllIsAnError()
    {
        DropoutSettings settings = new(DropoutRule.Standard(0.1), Sites: [], MaskSharing.PerDatum);
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => settings.Choose(Sites, "net"));
        Assert.Equal("no dropout site of net is named: name one, or take DropoutRule.None", error.Message);
    }
}
