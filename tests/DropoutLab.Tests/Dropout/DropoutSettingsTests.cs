using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

public sealed class DropoutSettingsTests
{
    private static readonly DropoutSite[] Sites =
    [
        new("conv1", "[1, 32, 32, 3]", IsNetworkInput: true),
        new("stage1.block1.conv1", "[1, 32, 32, 16]", IsNetworkInput: false),
        new("stage1.block1.conv2", "[1, 32, 32, 16]", IsNetworkInput: false),
        new("stage2.block1.conv2", "[1, 16, 16, 32]", IsNetworkInput: false), new("fc", "[1, 64]", IsNetworkInput: false),
    ];

    [Theory]
    [InlineData("all", "stage1.block1.conv1,stage1.block1.conv2,stage2.block1.conv2,fc")]
    [InlineData("fc", "fc")]
    [InlineData("*.conv2,fc", "stage1.block1.conv2,stage2.block1.conv2,fc")]
    [InlineData("stage1.*", "stage1.block1.conv1,stage1.block1.conv2")]
    [InlineData("conv1, *conv1", "conv1,stage1.block1.conv1")]
    public void NamesAndPatternsChooseSites(string text, string expected)
    {
        DropoutSettings settings = new(DropoutRule.Standard(0.1), SiteSelection.Parse(text), MaskSharing.PerDatum);
        IReadOnlyDictionary<string, DropoutRule> rules = settings.RulesAt(Sites, "net");
        Assert.Equal(expected, string.Join(',', Sites.Select(site => site.Name).Where(rules.ContainsKey)));
        Assert.All(rules.Values, rule => Assert.Equal(settings.Rule, rule));
    }

    [Theory]
    [InlineData("fc2")]
    [InlineData("fc,stage4.*")]
    public void AnUnknownSiteIsAnErrorThatListsThem(string text)
    {
        DropoutSettings settings = new(DropoutRule.Standard(0.1), SiteSelection.Parse(text), MaskSharing.PerDatum);
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => settings.RulesAt(Sites, "net"));
        Assert.Equal(
            $"net has no dropout site {text.Split(',')[^1]}; its sites are conv1, stage1.block1.conv1, stage1.block1.conv2, "
                + "stage2.block1.conv2, fc", error.Message);
    }

    [Fact]
    public void NoSiteAtAllIsAnError()
    {
        const string Message = "the list of dropout sites is empty: use all, or names of sites with commas between them";
        Assert.Equal(Message, Assert.Throws<DropoutLabException>(() => SiteSelection.Of([])).Message);
        Assert.Equal(Message, Assert.Throws<DropoutLabException>(() => SiteSelection.Parse(" , ")).Message);
    }

    /// <summary>Two weight layers may have one name, and are dropped alike.</summary>
    [Fact]
    public void SitesOfOneName() =>
        Assert.Equal(["fc"], new DropoutSettings(DropoutRule.Standard(0.1)).RulesAt([Sites[^1], Sites[^1]], "net").Keys);

    [Theory]
    [InlineData("augmented:0.5/0.01", "fc,*conv2=0.2",
        "stage1.block1.conv2 augmented:0.2/0.01, stage2.block1.conv2 augmented:0.2/0.01, fc augmented:0.5/0.01")]
    [InlineData("standard:0..0.5@100", "*conv1=0,fc", "conv1 standard:0, stage1.block1.conv1 standard:0, fc standard:0..0.5@100")]
    [InlineData("forward:0.5", "*conv1,conv1=0.25", "conv1 forward:0.25, stage1.block1.conv1 forward:0.5")]
    [InlineData("forward:0.5", "conv1=0.25,*conv1", "conv1 forward:0.5, stage1.block1.conv1 forward:0.5")]
    [InlineData("standard:0", "fc = 1e-4", "fc standard:0.0001")]
    public void ASiteMayHaveARatioOfItsOwn(string rule, string text, string expected)
    {
        DropoutSettings settings = new(DropoutRule.Parse(rule), SiteSelection.Parse(text), MaskSharing.PerDatum);

        IReadOnlyDictionary<string, DropoutRule> rules = settings.RulesAt(Sites, "net");

        Assert.Equal(expected, string.Join(", ",
            Sites.Where(site => rules.ContainsKey(site.Name)).Select(site => $"{site.Name} {rules[site.Name]}")));
        Assert.Equal(settings.Sites, SiteSelection.Parse($"{settings.Sites}"));
    }

    [Theory]
    [InlineData("none", "all", true)]
    [InlineData("standard:0", "fc", true)]
    [InlineData("standard:0", "fc=0", true)]
    [InlineData("standard:0", "fc=0.1", false)]
    [InlineData("standard:0.1", "fc=0", false)]
    [InlineData("backward:0.1", "all", false)]
    public void WhatHasNoRatioAbove0IsPlain(string rule, string sites, bool isPlain) =>
        Assert.Equal(
            isPlain, new DropoutSettings(DropoutRule.Parse(rule), SiteSelection.Parse(sites), MaskSharing.PerDatum).IsPlain);

    [Theory]
    [InlineData("=0.1")]
    [InlineData("fc=")]
    [InlineData("fc=much")]
    [InlineData("fc=0.1=0.2")]
    [InlineData("fc=0.1..0.2@5")]
    public void ASiteThatIsNoneIsAnError(string text) =>
        Assert.Equal(
            $"dropout site '{text}' is none: use a weight layer's name, or NAME=P with a drop probability P of its own, as in "
                + "fc1=0.2",
            Assert.Throws<DropoutLabException>(() => SiteSelection.Parse(text)).Message);

    [Theory]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void ARatioOutOfRangeIsAnError(double ratio) =>
        Assert.Contains("is out of range", Assert.Throws<DropoutLabException>(() => new SitePattern("fc", ratio)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void ARatioWithoutARuleIsAnError()
    {
        DropoutSettings settings = new(DropoutRule.None, Sites: ["fc=0.1"], MaskSharing.PerDatum);
        Assert.Equal(
            "fc=0.1: a site's drop probability needs a rule that drops, as in standard:0.5; the rule is none",
            Assert.Throws<DropoutLabException>(() => settings.RulesAt(Sites, "net")).Message);
    }
}
