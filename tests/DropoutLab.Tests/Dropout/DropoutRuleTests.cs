using System.Globalization;
using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

public sealed class DropoutRuleTests
{
    public static TheoryData<string, DropoutRule> Texts => new()
    {
        { "none", DropoutRule.None },
        { "standard:0.3", DropoutRule.Standard(0.3) },
        { "forward:0", DropoutRule.Forward(0) },
        { "backward:0.005", DropoutRule.Backward(0.005) },
        { "augmented:0.1/0.0002", DropoutRule.Augmented(0.1, 0.0002) },
        { "augmented-independent:0.25/1E-05", DropoutRule.AugmentedIndependent(0.25, 0.00001) },
        { "standard:0..0.3@4000", DropoutRule.Standard(RatioSchedule.Linear(0, 0.3, 4000)) },
        { "forward:0.1,0.3@2000,0.4@4000", DropoutRule.Forward(RatioSchedule.Steps(0.1, (2000, 0.3), (4000, 0.4))) },
        { "augmented:0..0.3@4000/0.0002", DropoutRule.Augmented(RatioSchedule.Linear(0, 0.3, 4000), 0.0002) },
        {
            "augmented-independent:0.3/1E-05..0@4294967295",
            DropoutRule.AugmentedIndependent(0.3, RatioSchedule.Linear(1e-5, 0, uint.MaxValue))
        },
    };

    [Theory, MemberData(nameof(Texts))]
    public void ATextAndARuleAreOne(string text, DropoutRule rule)
    {
        Assert.Equal(rule, DropoutRule.Parse(text));
        Assert.Equal(text, rule.ToString());
        Assert.True(DropoutRule.TryParse(text, out DropoutRule? parsed));
        Assert.Equal(rule, parsed);
    }

    [Fact]
    public void ARuleSaysWhatItIs()
    {
        DropoutRule rule = DropoutRule.Parse("augmented:0.1/0.0002");
        Assert.Equal(DropoutKind.Augmented, rule.Kind);
        Assert.Equal(0.1, rule.DropProbability);
        Assert.Equal(0.0002, rule.SecondDropProbability);
    }

    [Theory]
    [InlineData("none", true)]
    [InlineData("standard:0", true)]
    [InlineData("backward:-0", true)]
    [InlineData("augmented:0/0", true)]
    [InlineData("augmented:0/0.1", false)]
    [InlineData("standard:0..0@5", true)]
    [InlineData("standard:0..0.1@5", false)]
    [InlineData("standard:0,0.1@5", false)]
    [InlineData("forward:0.1", false)]
    public void ARuleThatDropsNothingIsPlain(string text, bool plain) =>
        Assert.Equal(plain, DropoutRule.Parse(text).IsPlain);

    [Fact]
    public void ARatioOfMinusZeroIsZero() => Assert.Equal("standard:0", DropoutRule.Standard(-0.0).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("nothing")]
    [InlineData("None")]
    [InlineData("none:0.1")]
    [InlineData("standard")]
    [InlineData("standard:")]
    [InlineData("standard:0,1")]
    [InlineData("standard: 0.1")]
    [InlineData("standard:0.1/0.1")]
    [InlineData("standard:0.1:0.1")]
    [InlineData("standard:0..0.1")]
    [InlineData("standard:0..0.1@")]
    [InlineData("standard:0..0.1@-5")]
    [InlineData("standard:0..0.1..0.2@5")]
    [InlineData("standard:..0.1@5")]
    [InlineData("standard:0.1@5")]
    [InlineData("standard:0.1,0.2")]
    [InlineData("standard:0.1,0.2@5@6")]
    [InlineData("standard:0.1,0.2@5,")]
    [InlineData("standard:0.1,0.2@4294967296")]
    [InlineData("augmented:0.1")]
    [InlineData("augmented:0.1/")]
    [InlineData("augmented:0.1/0.2/0.3")]
    public void WhatIsNoRuleIsRefusedWithTheRules(string text)
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => DropoutRule.Parse(text));
        Assert.StartsWith($"dropout '{text}' is no rule: use none, standard:P,", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(DropoutRule.TryParse(text, out _));
    }

    [Theory]
    [InlineData("standard:1", "1")]
    [InlineData("forward:-0.1", "-0.1")]
    [InlineData("backward:1e9", "1000000000")]
    [InlineData("standard:NaN", "NaN")]
    [InlineData("standard:Infinity", "Infinity")]
    [InlineData("augmented:0.1/1", "1")]
    [InlineData("augmented-independent:2/0.1", "2")]
    [InlineData("standard:0..1@5", "1")]
    [InlineData("standard:0.1,-0.2@5", "-0.2")]
    public void ARatioOutOfRangeIsNamed(string text, string ratio)
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => DropoutRule.Parse(text));
        Assert.Equal($"dropout ratio {ratio} is out of range: use a number from 0 up to, but not including, 1", error.Message);
        Assert.False(DropoutRule.TryParse(text, out _));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.0)]
    [InlineData(-double.Epsilon)]
    public void ANumberThatIsNoRatioIsRefused(double ratio)
    {
        Assert.Throws<DropoutLabException>(() => DropoutRule.Standard(ratio));
        Assert.Throws<DropoutLabException>(() => DropoutRule.Augmented(0.1, ratio));
        Assert.Throws<DropoutLabException>(() => new MaskStream(1, 0, 0, 0, ratio));
    }

    [Fact]
    public void TheLargestRatioBelowOneIsARatio()
    {
        DropoutRule rule = DropoutRule.Standard(Math.BitDecrement(1.0));
        Assert.Equal(rule, DropoutRule.Parse(rule.ToString()));
    }

    [Fact]
    public void NullIsNoRule() => Assert.False(DropoutRule.TryParse(null, out _));

    [Fact]
    public void TheCultureDoesNotMatter()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal("standard:0.3", DropoutRule.Parse("standard:0.3").ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
